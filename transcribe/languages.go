package transcribe

import (
	"regexp"
	"strings"
)

// whisperLanguages are the language names of Whisper and of OpenAI's API, with
// their BCP 47 codes.
const whisperLanguages = `afrikaans af albanian sq amharic am arabic ar armenian hy assamese as azerbaijani az bashkir ba basque eu belarusian be
bengali bn bosnian bs breton br bulgarian bg burmese my cantonese yue castilian es catalan ca chinese zh croatian hr czech cs danish da dutch nl
english en estonian et faroese fo finnish fi flemish nl french fr galician gl georgian ka german de greek el gujarati gu haitian ht hausa ha
hawaiian haw hebrew he hindi hi hungarian hu icelandic is indonesian id italian it japanese ja javanese jv kannada kn kazakh kk khmer km korean ko
lao lo latin la latvian lv letzeburgesch lb lingala ln lithuanian lt luxembourgish lb macedonian mk malagasy mg malay ms malayalam ml maltese mt
mandarin zh maori mi marathi mr moldavian ro mongolian mn myanmar my nepali ne norwegian no nynorsk nn occitan oc panjabi pa pashto ps persian fa
polish pl portuguese pt punjabi pa pushto ps romanian ro russian ru sanskrit sa serbian sr shona sn sindhi sd sinhala si sinhalese si slovak sk
slovenian sl somali so spanish es sundanese su swahili sw swedish sv tagalog tl tajik tg tamil ta tatar tt telugu te thai th tibetan bo turkish tr
turkmen tk ukrainian uk urdu ur uzbek uz valencian ca vietnamese vi welsh cy yiddish yi yoruba yo`

var codePattern = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{2,8})*$`)

// languageCode converts an engine's name of a language to BCP 47; "" for an
// unknown one.
func languageCode(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	fields := strings.Fields(whisperLanguages)
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] == name {
			return fields[i+1]
		}
	}

	if len(name) <= 35 && codePattern.MatchString(name) {
		return name
	}

	return ""
}

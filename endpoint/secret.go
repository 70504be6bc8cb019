package endpoint

import (
	"os"
	"strings"

	"tidings.example/tidings/tidings"
)

// ReadKey is the key in a file, or the one given when there is no file. what
// describes it in the error.
func ReadKey(key, file, what string) (string, error) {
	if file == "" {
		return key, nil
	}
	text, err := ReadPassword(file, what)
	return strings.TrimSpace(text), err
}

// ReadPassword is the password in a file, "" when there is no file. Its blanks are
// kept, the end of its line is not.
func ReadPassword(file, what string) (string, error) {
	if file == "" {
		return "", nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", tidings.Wrap(err, tidings.KindInvalid, "The file %s with %s cannot be read.", file, what)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

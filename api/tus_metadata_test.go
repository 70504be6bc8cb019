package api_test

import (
	"strconv"
	"strings"
)

// checkForeignMetadata: what Uppy, tus-js-client, tusc and others send of their
// own comes back from HEAD in its order and spelling.
func checkForeignMetadata(u *tusClient) {
	for _, foreign := range []string{
		",relativePath " + encodeBase64("null") + ",name " + encodeBase64("x.webm") + ",type " + encodeBase64("video/webm"),
		",is_confidential", ",empty ", ",empty ,last " + encodeBase64("x"), ", spaced " + encodeBase64("x"),
		",binary " + encodeBase64("a\x00\xff\r\nb"), ",nonlatin " + encodeBase64("słońce"), ",größe " + encodeBase64("5"),
		",Clip_id " + encodeBase64("keys are case-sensitive"), ",filename " + encodeBase64(strings.Repeat("ば", 250)+".webm"),
	} {
		one := *u
		one.clip = u.createClip().ID
		given := one.metadataHeader() + foreign
		one.location = u.do("POST", uploadsPath, nil, "Upload-Length: 10", given).is(201, "").Header.Get("Location")
		one.headUpload().is(200, "").has(strings.TrimSpace(given))
		one.patchUpload(0, webmBytes(10)).is(204, "")
		one.headUpload().is(200, "").has(strings.TrimSpace(given))
	}
}

// checkClipInQuery: what a program sends that knows an address and a file only.
func checkClipInQuery(u *tusClient) {
	at := uploadsPath + "?clip_id=" + string(u.clip)
	other := "Upload-Metadata: clip_id " + encodeBase64(string(u.createClip().ID))
	u.do("POST", at, nil, "Upload-Length: 10", other).is(400, "invalid")
	u.do("POST", uploadsPath+"?clip_id=nonsense", nil, "Upload-Length: 10").is(404, "not_found")

	given := "Upload-Metadata: nonlatin " + encodeBase64("słońce") + ",number " + encodeBase64("100")
	u.location = u.do("POST", at, nil, "Upload-Length: 10", given).is(201, "").Header.Get("Location")
	u.patchUpload(0, webmBytes(10)).is(204, "")
	u.headUpload().is(200, "").has(given)

	without := *u
	without.clip = u.createClip().ID
	without.location = u.do("POST", uploadsPath+"?clip_id="+string(without.clip), nil, "Upload-Length: 10").is(201, "").Header.Get("Location")
	without.expectOffset(0)
}

// checkGet: a browser follows the address of an upload without speaking tus.
func checkGet(u *tusClient) {
	u.createUpload(10).patchUpload(0, webmBytes(10)).is(204, "")
	at := u.w.ana.do("GET", u.location, nil).is(303, "").has("Cache-Control: no-store", "Tus-Resumable: 1.0.0").Header.Get("Location")
	if a := u.w.ana.get(at).is(200, ""); string(a.body) != string(webmBytes(10)) {
		u.w.Errorf("%q", a.body)
	}

	u.do("DELETE", u.location, nil).is(204, "")
	u.w.ana.do("GET", u.location, nil).is(404, "not_found")
	aborted := newTus(u.w.ana).createUpload(10)
	aborted.do("DELETE", aborted.location, nil).is(204, "")
	u.w.ana.do("GET", aborted.location, nil).is(404, "not_found")
}

func checkMetadataLines(u *tusClient) {
	u.location = u.do("POST", uploadsPath, nil, "Upload-Length: 10", "Upload-Metadata: name "+encodeBase64("x"), u.metadataHeader()).is(201, "").Header.Get("Location")
	u.headUpload().is(200, "").has("Upload-Metadata: name " + encodeBase64("x") + "," + strings.TrimPrefix(u.metadataHeader(), "Upload-Metadata: "))
}

// checkMetadataBounds: too much, and just as much as is allowed.
func checkMetadataBounds(u *tusClient) {
	keys := make([]string, 64)
	for i := range keys {
		keys[i] = ",k" + strconv.Itoa(i)
	}

	long := u.metadataHeader() + ",k "
	room := 4<<10 - len(long) + len("Upload-Metadata: ")
	fill := strings.Repeat("A", room/4*4)
	for header, want := range map[string]string{
		u.metadataHeader() + strings.Join(keys, ""): "at most 64 keys",
		long + fill + "AAAA":                        "at most 4096 bytes",
		u.metadataHeader() + ",filename " + encodeBase64(strings.Repeat("x", 1001)):      "The value of filename is not a text of at most 1000 bytes",
		u.metadataHeader() + ",name a":                                                   "The value of name is not base64",
		u.metadataHeader() + ",name " + strings.TrimRight(encodeBase64("x"), "="):        "The value of name is not base64",
		u.metadataHeader() + ",name  " + encodeBase64("x"):                               "The value of name is not base64",
		u.metadataHeader() + ",name " + encodeBase64("x") + ",name " + encodeBase64("x"): "The key name stands there twice",
		u.metadataHeader() + ",name,name":                                                "The key name stands there twice",
		u.metadataHeader() + ",gr\xf6\xdfe " + encodeBase64("x"):                         "A key is not UTF-8 text",
		u.metadataHeader() + ", ," + "a":                                                 "A key is empty",
	} {
		a := u.do("POST", uploadsPath, nil, "Upload-Length: 4", header).is(400, "invalid")
		if !strings.Contains(string(a.body), want) {
			u.w.Errorf("%.80q: %s, want %q", header, a.body, want)
		}
	}

	u.do("POST", uploadsPath, nil, "Upload-Length: 4", long+fill).is(201, "")
	another := *u
	another.clip = u.createClip().ID
	u.do("POST", uploadsPath, nil, "Upload-Length: 4", another.metadataHeader()+strings.Join(keys[:63], "")).is(201, "")
}

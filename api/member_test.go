package api_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestMemberRoles: which role may set which roles.
func TestMemberRoles(t *testing.T) {
	w := newTestServer(t)
	own, adm := w.addPerson("own", tidings.RoleOwner), w.addPerson("adm", tidings.RoleAdmin)
	at := func(c *client) string { return "/api/v1/workspaces/" + string(w.ws) + "/members/" + string(c.user) }
	give := func(by, to *client, role string) int {
		return by.requestStatus("PATCH", at(to), map[string]any{"role": role})
	}

	mem := w.addPerson("mem", tidings.RoleMember)
	for _, c := range []struct {
		name   string
		by, to *client
		role   string
		want   int
	}{
		{"a member makes nobody anything", mem, mem, "owner", 403},
		{"an admin makes no owners", adm, mem, "owner", 403},
		{"an admin does not touch owners", adm, own, "member", 403},
		{"an admin makes admins", adm, mem, "admin", 200},
		{"an owner unmakes them", own, mem, "guest", 200},
		{"an owner makes owners", own, mem, "owner", 200},
		{"an owner unmakes owners", mem, own, "member", 200},
		{"an owner steps down", mem, mem, "member", 200},
		{"not the last one", w.ana, w.ana, "admin", 409},
		{"nobody is not there", w.ana, w.addPerson("out", ""), "member", 404},
		{"an odd role", w.ana, mem, "king", 400},
	} {
		if got := give(c.by, c.to, c.role); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}

	for _, c := range []struct {
		name   string
		by, to *client
		want   int
	}{
		{"a member removes nobody", mem, adm, 403}, {"an admin no owner", adm, w.ana, 403}, {"the last owner stays", w.ana, w.ana, 409},
		{"an admin removes members", adm, mem, 204}, {"everybody may leave", adm, adm, 204}, {"and is gone", adm, adm, 404},
	} {
		if got := c.by.requestStatus("DELETE", at(c.to), nil); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// TestMemberRemoved: access ends at once, also for open streams and downloads;
// the member's clips stay.
func TestMemberRemoved(t *testing.T) {
	w := newTestServer(t)
	bo := w.addPerson("bo", tidings.RoleMember)
	clip, own := w.ana.recordClip(10).ID, bo.recordClip(10).ID
	private := bo.createChannel("private")
	stream := bo.sendRequest("GET", "/api/v1/events?workspace="+string(w.ws), nil)
	defer stream.Body.Close()

	if stream.StatusCode != http.StatusOK {
		t.Fatal(stream.Status)
	}

	w.ana.do("DELETE", "/api/v1/workspaces/"+string(w.ws)+"/members/"+string(bo.user), nil).is(http.StatusNoContent, "")
	var rest bytes.Buffer
	if _, err := rest.ReadFrom(stream.Body); err != nil { // returns when the stream ends
		t.Logf("the stream broke off: %v", err)
	}

	for _, path := range []string{"/api/v1/clips/" + string(clip), "/api/v1/clips/" + string(own), "/api/v1/clips/" + string(clip) + "/media/original",
		"/api/v1/clips?workspace=" + string(w.ws), "/api/v1/workspaces/" + string(w.ws), channelsPath + string(private.ID), "/api/v1/search?q=x&workspace=" + string(w.ws)} {
		bo.get(path).is(http.StatusNotFound, "not_found")
	}

	if got := decodeJSON[struct{ Author struct{ Name string } }](w.ana.get("/api/v1/clips/"+string(own)).is(http.StatusOK, "")); got.Author.Name != "bo" {
		t.Errorf("author %q", got.Author.Name)
	}

	if got := w.ana.listChannels(); len(got) != 1 || !got[0].Member {
		t.Errorf("the channel nobody is left in goes to the owner: %+v", got)
	}
}

func TestCreateWorkspace(t *testing.T) {
	w := newTestServer(t)
	gus := w.addPerson("gus", tidings.RoleGuest)
	made := decodeJSON[struct {
		ID   tidings.ID
		Role string
	}](gus.do("POST", "/api/v1/workspaces", map[string]any{"name": " Gus & Co "}).is(http.StatusCreated, ""))
	if made.Role != "owner" {
		t.Errorf("role %q", made.Role)
	}

	gus.do("POST", "/api/v1/workspaces/"+string(made.ID)+"/invites", nil).is(http.StatusCreated, "")
	w.ana.get("/api/v1/workspaces/"+string(made.ID)).is(http.StatusNotFound, "not_found")
	gus.do("POST", "/api/v1/workspaces", map[string]any{"name": " "}).is(http.StatusBadRequest, "invalid")
}

// twoColourImage has a red left half and a blue right half.
func twoColourImage(width, height int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{R: 0xff, A: 0xff}
			if x >= width/2 {
				c = color.RGBA{B: 0xff, A: 0xff}
			}
			m.SetRGBA(x, y, c)
		}
	}

	return m
}

// uploadAvatar gives the client's user an avatar and returns its hash.
func (c *client) uploadAvatar() string {
	c.w.Helper()
	var file bytes.Buffer
	c.w.ok(png.Encode(&file, twoColourImage(300, 200)))
	me := decodeJSON[struct {
		User struct {
			Avatar string `json:"avatar_url"`
		}
	}](c.do("PUT", "/api/v1/me/avatar", file.Bytes(), "Content-Type: image/png").is(http.StatusOK, ""))
	return me.User.Avatar[strings.LastIndex(me.User.Avatar, "/")+1:]
}

func TestAvatar(t *testing.T) {
	w := newTestServer(t)
	old := w.ana.uploadAvatar()
	at := "/api/v1/users/" + string(w.ana.user) + "/avatar/"
	a := w.addPerson("bo", tidings.RoleGuest).get(at+old).is(http.StatusOK, "").has("Content-Type: image/jpeg", "Cross-Origin-Resource-Policy: same-origin")
	m, err := jpeg.Decode(bytes.NewReader(a.body))
	if err != nil || m.Bounds().Dx() != 256 || m.Bounds().Dy() != 256 {
		t.Fatalf("%v %v", m.Bounds(), err)
	}

	if r, _, b, _ := m.At(20, 128).RGBA(); r < 0xe000 || b > 0x2000 {
		t.Errorf("the left is not red: %x %x", r, b)
	}

	w.addPerson("out", "").get(at+old).is(http.StatusNotFound, "not_found")
	w.ana.get(at+old, `If-None-Match: "`+old+`"`).is(http.StatusNotModified, "")
	var turned bytes.Buffer
	w.ok(jpeg.Encode(&turned, twoColourImage(256, 256), nil))
	exif := append([]byte("\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"), turned.Bytes()[2:]...)
	w.ana.do("PUT", "/api/v1/me/avatar", append([]byte("\xff\xd8"), exif...)).is(http.StatusOK, "")
	w.ana.get(at+old).is(http.StatusNotFound, "not_found")
	user, err := w.store.User(t.Context(), w.ana.user)
	w.ok(err)
	m, err = jpeg.Decode(bytes.NewReader(w.ana.get(at+user.Avatar).is(http.StatusOK, "").body))
	w.ok(err)

	if r, _, _, _ := m.At(128, 20).RGBA(); r < 0xe000 {
		t.Error("a phone's picture lies on its side")
	}

	huge := "GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02D\x01\x00;"
	w.ana.do("PUT", "/api/v1/me/avatar", huge).is(http.StatusRequestEntityTooLarge, "too_large")
	for name, file := range map[string]string{"nothing": "", "markup": "<svg onload=alert(1)>", "half a picture": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"} {
		if got := w.ana.requestStatus("PUT", "/api/v1/me/avatar", file); got != http.StatusUnsupportedMediaType {
			t.Errorf("%s: %d", name, got)
		}
	}

	w.ana.do("PUT", "/api/v1/me/avatar", strings.Repeat("x", 10<<20+1)).is(http.StatusRequestEntityTooLarge, "too_large")
	w.ana.do("DELETE", "/api/v1/me/avatar", nil).is(http.StatusOK, "")
	w.ana.get(at+user.Avatar).is(http.StatusNotFound, "not_found")
}

// TestAvatarURLs: comments have the avatars of their author and of mentioned
// users, and the list of people who may be mentioned has them too.
func TestAvatarURLs(t *testing.T) {
	w := newTestServer(t)
	want := "/api/v1/users/" + string(w.ana.user) + "/avatar/" + w.ana.uploadAvatar()
	clip := w.ana.createClip().ID
	w.ana.addComment(clip, "body", "@[Ana]("+string(w.ana.user)+") hello")
	type person struct {
		Avatar *string `json:"avatar_url"`
	}

	comments := decodeJSON[struct {
		Items []struct {
			Author   person
			Mentions []person
		}
	}](w.ana.get("/api/v1/clips/"+string(clip)+"/comments").is(http.StatusOK, "")).Items

	people := decodeJSON[struct{ Items []person }](w.ana.get("/api/v1/clips/"+string(clip)+"/people").is(http.StatusOK, "")).Items
	for where, p := range map[string]person{"author": comments[0].Author, "mention": comments[0].Mentions[0], "people": people[0]} {
		if p.Avatar == nil || *p.Avatar != want {
			t.Errorf("%s: %v, want %s", where, p.Avatar, want)
		}
	}
}

package tidings_test

import (
	"errors"
	"testing"

	"tidings.example/tidings/tidings"
)

func TestValidateNotify(t *testing.T) {
	for _, list := range []string{"", "off", "inbox", "inbox,mail", "inbox, mail", "mail,push,chat"} {
		if err := tidings.ValidateNotify(map[string]string{"reply": list}); err != nil {
			t.Errorf("%q: %v", list, err)
		}
	}

	for _, list := range []string{"pigeon", "inbox,pigeon", "Inbox", "mail;push"} {
		err := tidings.ValidateNotify(map[string]string{"clip": "off", "reply": list})
		var e *tidings.Error
		if !errors.As(err, &e) || e.Kind != tidings.KindInvalid || e.Fields["notify.reply"] == "" || len(e.Fields) != 1 {
			t.Errorf("%q: %#v", list, err)
		}
	}
}

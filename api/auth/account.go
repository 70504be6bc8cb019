package auth

import (
	"net/mail"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// ValidateSetup reports the fields of a new account and workspace that are not
// right (KindInvalid).
func ValidateSetup(in tidings.Setup) error {
	fields := map[string]string{}
	if in.WorkspaceName == "" {
		fields["workspace_name"] = "This is needed."
	}

	if in.Name == "" {
		fields["name"] = "This is needed."
	}

	if !IsEmail(in.Email) {
		fields["email"] = "This is not an email address."
	}

	if !IsTimeZone(in.TimeZone) {
		fields["time_zone"] = "There is no such time zone."
	}

	if len(fields) > 0 {
		return &tidings.Error{Kind: tidings.KindInvalid, Msg: "Some fields are not right.", Fields: fields}
	}

	return nil
}

// IsEmail reports whether text is an email address without a name.
func IsEmail(email string) bool {
	a, err := mail.ParseAddress(email)
	return err == nil && a.Address == email && a.Name == "" && strings.Contains(email, "@")
}

// IsTimeZone reports whether name is in the IANA time zone database.
func IsTimeZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

package tidings

import (
	"maps"
	"slices"
	"strings"
)

// DeliveryChannel is a way by which messages leave the server. How one is
// registered is in docs/how-to/add-a-channel.md.
type DeliveryChannel string

// Delivery channels.
const (
	DeliverMail DeliveryChannel = "mail"
	DeliverPush DeliveryChannel = "push"
	DeliverChat DeliveryChannel = "chat"
)

// DeliveryChannels are all of them. A server may have no sender for some.
var DeliveryChannels = []DeliveryChannel{DeliverMail, DeliverPush, DeliverChat}

// Delivery is a message that is to leave the server: an invitation, a mail about
// an account or a notification, only one of them.
type Delivery struct {
	ID      ID // of its row
	Channel DeliveryChannel
	Tries   int // that failed

	// Invite is the invitation that a mail carries. The link in it holds a token
	// of its own, made when it is sent, so that no row ever holds one.
	Invite  *Invite
	BaseURL string // of that link: "https://host"

	// Account is a mail about an account. The link of a MailReset is made like
	// that of an invitation.
	Account *AccountMail

	Notification *Notification
}

// Values of a notification setting besides the channels.
const (
	notifyOff   = "off"   // no notification
	notifyInbox = "inbox" // the page only
)

// Delivers reports whether notifications of the kind shall also go out by a
// channel: the person's setting names it, as "inbox,mail" does.
func (p Preferences) Delivers(k NotificationKind, c DeliveryChannel) bool {
	return p.Wants(k) && slices.Contains(splitNotifySetting(p.Notify[string(k)]), string(c))
}

// ValidateNotify checks notification settings, which are comma lists by kind. An
// unknown channel is KindInvalid on the field notify.<kind>.
func ValidateNotify(settings map[string]string) error {
	for _, kind := range slices.Sorted(maps.Keys(settings)) {
		for _, name := range splitNotifySetting(settings[kind]) {
			if name != notifyOff && name != notifyInbox && !slices.Contains(DeliveryChannels, DeliveryChannel(name)) {
				return Invalid("notify."+kind, "%q is no channel: off, inbox, mail, push and chat are.", name)
			}
		}
	}
	return nil
}

func splitNotifySetting(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

package server

import "tidings.example/tidings/notify"

// deliveryChannels registers the channels by which messages leave this server.
// A channel is one entry here; see docs/how-to/add-a-channel.md.
func (a *App) deliveryChannels() []notify.Channel {
	var out []notify.Channel
	if a.mail != nil {
		out = append(out, a.mail.Channel(a.Store))
	}
	return out
}

// openDeliveries makes the dispatcher, and has the store write deliveries for
// the channels by which notifications go out.
func (a *App) openDeliveries() {
	a.deliveries = &notify.Dispatcher{Rows: a.Store, Channels: a.deliveryChannels()}
	a.Store.SetDeliveryChannels(a.deliveries.NotificationChannels()...)
}

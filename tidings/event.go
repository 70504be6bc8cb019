package tidings

// EventType names a live event (GET /events).
type EventType string

// Event types. EventResync makes a client that missed events load again.
// Three never leave the server: EventUploadPart and EventUploadSealed wake
// readers of a growing original, EventAccessChanged makes the streams of a
// person (SubjectID), of a clip or of a whole workspace check their access.
const (
	EventClipUpdated       EventType = "clip.updated"
	EventClipStep          EventType = "clip.step"
	EventTranscriptSegment EventType = "transcript.segment"
	EventTranscriptUpdated EventType = "transcript.updated" // as a whole
	EventCommentCreated    EventType = "comment.created"
	EventCommentUpdated    EventType = "comment.updated"
	EventCommentDeleted    EventType = "comment.deleted"
	EventReactionChanged   EventType = "reaction.changed"
	EventNotification      EventType = "notification"
	EventResync            EventType = "resync"
	EventUploadPart        EventType = "upload.part"
	EventUploadSealed      EventType = "upload.sealed"
	EventAccessChanged     EventType = "access.changed"
)

// Internal reports whether the event never leaves the server.
func (t EventType) Internal() bool {
	return t == EventUploadPart || t == EventUploadSealed || t == EventAccessChanged
}

// AboutComments reports whether the event is about comments or reactions, which
// not everyone who sees a clip may read.
func (t EventType) AboutComments() bool {
	switch t {
	case EventCommentCreated, EventCommentUpdated, EventCommentDeleted, EventReactionChanged:
		return true
	}
	return false
}

// Event is a hint that a row changed; clients read the row. Serial grows by one
// for each event of a process, and clients resume from it.
type Event struct {
	Serial      int64
	Type        EventType
	WorkspaceID ID
	ClipID      ID
	SubjectID   ID // the comment, segment, … that changed; "" = the clip
	UserID      ID // the only recipient; "" = all who may see the clip
}

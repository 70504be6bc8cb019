package tidings

// EventType names a live event (GET /events).
type EventType string

// Event types. EventResync tells a slow or returning client to load again;
// EventUploadPart and EventSealed wake followers, EventAccessChanged makes the
// streams of a person (SubjectID), of a clip or else of a whole workspace look
// at their rights at once;
// these three never leave the server.
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

// Internal reports whether the event is for the server's own rooms only.
func (t EventType) Internal() bool {
	return t == EventUploadPart || t == EventUploadSealed || t == EventAccessChanged
}

// AboutComments reports whether the event is about comments or reactions, which not
// everybody who sees a clip may read.
func (t EventType) AboutComments() bool {
	switch t {
	case EventCommentCreated, EventCommentUpdated, EventCommentDeleted, EventReactionChanged:
		return true
	}
	return false
}

// Event is a hint that something changed; the row is the truth. Serial grows
// by one for each event of a process and is what a client resumes from.
type Event struct {
	Serial      int64
	Type        EventType
	WorkspaceID ID
	ClipID      ID
	SubjectID   ID // the comment, segment, … that changed; "" = the clip
	UserID      ID // the only person who hears of it; "" = all who see the clip
}

package api_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"

	"github.com/fxamacker/cbor/v2"
)

// authenticator makes and answers with one passkey (ES256, attestation
// "none"), as a browser on origin would hand it on. Tests bend its fields to
// tell lies.
// (https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data)
type authenticator struct {
	w        *world
	key      *ecdsa.PrivateKey
	id       []byte
	user     []byte
	count    uint32
	step     uint32 // by which the counter grows
	rpID     string
	origin   string
	verified bool // the person was: a PIN, a fingerprint
}

type options struct {
	PublicKey struct {
		Challenge        string
		RpID             string
		UserVerification string
		Rp               struct{ ID string }
		User             struct{ ID string }
	} `json:"public_key"`
}

func newAuthenticator(w *world) *authenticator {
	w.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.ok(err)
	id := make([]byte, 32)
	rand.Read(id)
	return &authenticator{w: w, key: key, id: id, step: 1, rpID: "localhost", origin: "http://localhost", verified: true}
}

var b64url = base64.RawURLEncoding.EncodeToString

func (a *authenticator) data(attested []byte) []byte {
	a.count += a.step
	sum := sha256.Sum256([]byte(a.rpID))
	flags := byte(1) // present
	if a.verified {
		flags |= 4
	}
	if attested != nil {
		flags |= 0x40
	}
	return append(binary.BigEndian.AppendUint32(append(sum[:], flags), a.count), attested...)
}

func (a *authenticator) client(kind, challenge string) []byte {
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	a.w.ok(err)
	return text
}

func (a *authenticator) cbor(v any) []byte {
	b, err := cbor.Marshal(v)
	a.w.ok(err)
	return b
}

// create answers navigator.credentials.create.
func (a *authenticator) create(o options) map[string]any {
	user, err := base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	a.w.ok(err)
	a.user = user
	pub, err := a.key.PublicKey.Bytes() // 4, x, y
	a.w.ok(err)
	attested := append(make([]byte, 16), byte(len(a.id)>>8), byte(len(a.id)))
	attested = append(append(attested, a.id...), a.cbor(map[int]any{1: 2, 3: -7, -1: 1, -2: pub[1:33], -3: pub[33:]})...)
	object := a.cbor(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(attested)})
	return map[string]any{"id": b64url(a.id), "rawId": b64url(a.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform",
		"response": map[string]any{"clientDataJSON": b64url(a.client("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64url(object), "transports": []string{"internal"}}}
}

// get answers navigator.credentials.get.
func (a *authenticator) get(o options) map[string]any {
	data, client := a.data(nil), a.client("webauthn.get", o.PublicKey.Challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	a.w.ok(err)
	return map[string]any{"id": b64url(a.id), "rawId": b64url(a.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{"clientDataJSON": b64url(client), "authenticatorData": b64url(data), "signature": b64url(signature), "userHandle": b64url(a.user)}}
}

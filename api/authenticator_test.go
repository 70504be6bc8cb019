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

// authenticator creates and uses one passkey (ES256, attestation "none"), as a
// browser on origin would. Tests change its fields to forge credentials.
// (https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data)
type authenticator struct {
	w            *testServer
	key          *ecdsa.PrivateKey
	id           []byte
	user         []byte
	counter      uint32
	counterStep  uint32 // added to the counter at each use
	rpID         string
	origin       string
	userVerified bool // user verification: a PIN, a fingerprint
}

type credentialOptions struct {
	PublicKey struct {
		Challenge        string
		RpID             string
		UserVerification string
		Rp               struct{ ID string }
		User             struct{ ID string }
	} `json:"public_key"`
}

func newAuthenticator(w *testServer) *authenticator {
	w.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.ok(err)
	id := make([]byte, 32)
	rand.Read(id)
	return &authenticator{w: w, key: key, id: id, counterStep: 1, rpID: "localhost", origin: "http://localhost", userVerified: true}
}

var encodeBase64URL = base64.RawURLEncoding.EncodeToString

func (a *authenticator) authenticatorData(attested []byte) []byte {
	a.counter += a.counterStep
	sum := sha256.Sum256([]byte(a.rpID))
	flags := byte(1) // user present
	if a.userVerified {
		flags |= 4
	}
	if attested != nil {
		flags |= 0x40
	}
	return append(binary.BigEndian.AppendUint32(append(sum[:], flags), a.counter), attested...)
}

func (a *authenticator) clientData(kind, challenge string) []byte {
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	a.w.ok(err)
	return text
}

func (a *authenticator) encodeCBOR(v any) []byte {
	b, err := cbor.Marshal(v)
	a.w.ok(err)
	return b
}

// createCredential is the result of navigator.credentials.create.
func (a *authenticator) createCredential(o credentialOptions) map[string]any {
	user, err := base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	a.w.ok(err)
	a.user = user
	pub, err := a.key.PublicKey.Bytes() // 4, x, y
	a.w.ok(err)
	attested := append(make([]byte, 16), byte(len(a.id)>>8), byte(len(a.id)))
	attested = append(append(attested, a.id...), a.encodeCBOR(map[int]any{1: 2, 3: -7, -1: 1, -2: pub[1:33], -3: pub[33:]})...)
	object := a.encodeCBOR(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.authenticatorData(attested)})
	return map[string]any{"id": encodeBase64URL(a.id), "rawId": encodeBase64URL(a.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform",
		"response": map[string]any{"clientDataJSON": encodeBase64URL(a.clientData("webauthn.create", o.PublicKey.Challenge)), "attestationObject": encodeBase64URL(object), "transports": []string{"internal"}}}
}

// createAssertion is the result of navigator.credentials.get.
func (a *authenticator) createAssertion(o credentialOptions) map[string]any {
	data, client := a.authenticatorData(nil), a.clientData("webauthn.get", o.PublicKey.Challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	a.w.ok(err)
	return map[string]any{"id": encodeBase64URL(a.id), "rawId": encodeBase64URL(a.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{"clientDataJSON": encodeBase64URL(client), "authenticatorData": encodeBase64URL(data), "signature": encodeBase64URL(signature), "userHandle": encodeBase64URL(a.user)}}
}

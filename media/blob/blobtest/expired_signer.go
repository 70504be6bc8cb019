package blobtest

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// expiredSigner signs as of a day ago, so that a test need not wait for an
// expiry.
type expiredSigner struct{ s3.HTTPPresignerV4 }

// PresignHTTP implements s3.HTTPPresignerV4.
func (y expiredSigner) PresignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, payloadHash, service, region string, at time.Time,
	options ...func(*v4.SignerOptions)) (string, http.Header, error) {
	return y.HTTPPresignerV4.PresignHTTP(ctx, c, r, payloadHash, service, region, at.Add(-24*time.Hour), options...)
}

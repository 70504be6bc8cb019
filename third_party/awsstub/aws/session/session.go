package session

import (
	"errors"

	"github.com/aws/aws-sdk-go/aws"
)

type Session struct{}

func NewSession(...*aws.Config) (*Session, error) {
	return nil, errors.New("s3 output is not built in")
}

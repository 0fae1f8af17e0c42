package probe

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"
)

// mustStapleExtension is the TLS feature extension (RFC 7633) with status_request.
var mustStapleExtension = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}

// stapled reads the OCSP response that came in the handshake (RFC 6960, RFC 6066 section 8).
func (x *examination) stapled(staple []byte, now time.Time) {
	x.mustStaple = slices.ContainsFunc(x.leaf.Extensions, func(e pkix.Extension) bool {
		return e.Id.Equal(mustStapleExtension) && bytes.Contains(e.Value, []byte{2, 1, 5})
	})
	if x.staple = "none"; len(staple) == 0 {
		return
	}
	var issuer *x509.Certificate
	if len(x.path) > 1 {
		issuer = x.path[1]
	}
	response, err := ocsp.ParseResponse(staple, issuer)
	switch {
	case err != nil:
		x.staple, x.stapleWhy = "invalid", clip(err.Error(), 120)
	case response.SerialNumber != nil && response.SerialNumber.Cmp(x.leaf.SerialNumber) != 0:
		x.staple, x.stapleWhy = "invalid", "it is about another certificate"
	case response.Status == ocsp.Revoked:
		x.staple, x.stapleWhy = "revoked", "since "+response.RevokedAt.UTC().Format(time.RFC3339)
	case !response.NextUpdate.IsZero() && now.After(response.NextUpdate):
		x.staple, x.stapleWhy = "expired", "it was good until "+response.NextUpdate.UTC().Format(time.RFC3339)
	case now.Before(response.ThisUpdate):
		x.staple, x.stapleWhy = "invalid", "it is good only from "+response.ThisUpdate.UTC().Format(time.RFC3339)
	case response.Status == ocsp.Good:
		x.staple = "good"
	default:
		x.staple = "unknown"
	}
}

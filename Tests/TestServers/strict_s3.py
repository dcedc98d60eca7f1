"""An S3 server for tests: moto, behind a door that checks what moto lets pass, by botocore's own signer.

    strict_s3.py PORT-FILE ACCESS-KEY SECRET-KEY REGION BUCKET [SESSION-TOKEN]

Signatures, their age, signed headers, payload hashes and checksums are checked as AWS does. The port is written into
PORT-FILE once the server listens. With `--sign`, it serves nothing: it reads cases as JSON from the standard input and
prints botocore's signatures for them.
"""

import base64
import datetime
import hashlib
import hmac
import io
import json
import os
import signal
import sys
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


class Refusal(Exception):
    def __init__(self, status, code, message, extra=""):
        self.status, self.code, self.message, self.extra = status, code, message, extra


def parse_time(text):
    return datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)


class Door:
    """WSGI middleware: whoever has no good signature doesn't get in."""

    def __init__(self, app, access, secret, region, token):
        self.app, self.access, self.region, self.token = app, access, region, token
        self.credentials = Credentials(access, secret, token)

    def __call__(self, environ, start_response):
        length = environ.get("CONTENT_LENGTH") or "0"
        body = environ["wsgi.input"].read(int(length)) if length.isdigit() else b""
        try:
            self.check(environ, body)
        except Refusal as refusal:
            text = (
                f"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{refusal.code}</Code>"
                f"<Message>{escape(refusal.message)}</Message>{refusal.extra}<RequestId>4442587FB7D0A2F9</RequestId></Error>"
            ).encode()
            if environ["REQUEST_METHOD"] == "HEAD":
                text = b""
            start_response(
                f"{refusal.status} Refused", [("Content-Type", "application/xml"), ("Content-Length", str(len(text)))])
            return [text]
        environ["wsgi.input"] = io.BytesIO(body)
        return self.app(environ, start_response)

    def check(self, environ, body):
        headers = {
            name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = environ["CONTENT_TYPE"]
        uri = environ["RAW_URI"]
        if environ["REQUEST_METHOD"] in ("PUT", "POST") and not environ.get("CONTENT_LENGTH"):
            raise Refusal(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        query = dict(parse_qsl(urlsplit(uri).query, keep_blank_values=True))
        if "authorization" in headers:
            self.check_header(environ["REQUEST_METHOD"], uri, headers)
        elif "X-Amz-Signature" in query:
            self.check_query(environ["REQUEST_METHOD"], uri, headers, query)
            return
        else:
            raise Refusal(403, "AccessDenied", "Access Denied")
        payload = headers.get("x-amz-content-sha256")
        if payload is None:
            raise Refusal(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
        if payload != "UNSIGNED-PAYLOAD" and payload != hashlib.sha256(body).hexdigest():
            raise Refusal(400, "XAmzContentSHA256Mismatch", "The provided x-amz-content-sha256 does not match what was computed.")
        checksum = headers.get("x-amz-checksum-sha256")
        if checksum and checksum != base64.b64encode(hashlib.sha256(body).digest()).decode():
            raise Refusal(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.")
        md5 = headers.get("content-md5")
        if md5 and md5 != base64.b64encode(hashlib.md5(body).digest()).decode():
            raise Refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")

    def check_scope(self, credential, time):
        access, day, region, service, end = credential.split("/")
        if access != self.access:
            raise Refusal(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
        if region != self.region:
            raise Refusal(
                400, "AuthorizationHeaderMalformed", f"The region '{region}' is wrong; expecting '{self.region}'",
                f"<Region>{self.region}</Region>")
        if (day, service, end) != (time[:8], "s3", "aws4_request"):
            raise Refusal(400, "AuthorizationHeaderMalformed", "The credential's scope is wrong.")

    def check_header(self, method, uri, headers):
        text = headers["authorization"]
        if not text.startswith("AWS4-HMAC-SHA256 "):
            raise Refusal(400, "InvalidArgument", "Unsupported Authorization Type")
        fields = dict(field.strip().split("=", 1) for field in text[len("AWS4-HMAC-SHA256 "):].split(","))
        time = headers.get("x-amz-date", "")
        self.check_scope(fields["Credential"], time)
        age = datetime.datetime.now(datetime.timezone.utc) - parse_time(time)
        if abs(age.total_seconds()) > 900:
            raise Refusal(
                403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
        if self.token and headers.get("x-amz-security-token") != self.token:
            raise Refusal(403, "InvalidToken", "The provided token is malformed or otherwise invalid.")
        signed = fields["SignedHeaders"].split(";")
        unsigned = [name for name in headers if name.startswith("x-amz-") and name not in signed]
        if unsigned or "host" not in signed:
            raise Refusal(403, "AccessDenied", f"There were headers present in the request which were not signed: {unsigned}")
        signer = S3SigV4Auth(self.credentials, "s3", self.region)
        request = AWSRequest(
            method=method, url=f"http://{headers['host']}{uri}", headers={name: headers[name] for name in signed})
        self.compare(signer, request, time, fields["Signature"])

    def check_query(self, method, uri, headers, query):
        time = query["X-Amz-Date"]
        self.check_scope(query["X-Amz-Credential"], time)
        age = (datetime.datetime.now(datetime.timezone.utc) - parse_time(time)).total_seconds()
        if age > int(query["X-Amz-Expires"]) or age < -900:
            raise Refusal(403, "AccessDenied", "Request has expired")
        signer = S3SigV4QueryAuth(self.credentials, "s3", self.region)
        plain = "&".join(
            pair for pair in urlsplit(uri).query.split("&") if not pair.startswith("X-Amz-Signature="))
        request = AWSRequest(
            method=method, url=f"http://{headers['host']}{urlsplit(uri).path}?{plain}",
            headers={name: headers[name] for name in query["X-Amz-SignedHeaders"].split(";")})
        self.compare(signer, request, time, query["X-Amz-Signature"])

    def compare(self, signer, request, time, signature):
        request.context["timestamp"] = time
        request.context["payload_signing_enabled"] = not isinstance(signer, S3SigV4QueryAuth)
        canonical = signer.canonical_request(request)
        expected = signer.signature(signer.string_to_sign(request, canonical), request)
        if not hmac.compare_digest(expected, signature):
            print("expected the canonical request:", canonical, sep="\n", flush=True)
            raise Refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the one you sent.")


def serve(port_file, access, secret, region, bucket, token=None):
    os.environ["S3_UPLOAD_PART_MIN_SIZE"] = "1024"
    import boto3
    import moto.moto_server.werkzeug_app as moto_app
    from werkzeug.serving import make_server

    app = moto_app.DomainDispatcherApplication(moto_app.create_backend_app)
    handler = moto_app.MotoRequestHandler
    server = make_server("127.0.0.1", 0, Door(app, access, secret, region, token), True, request_handler=handler)
    from threading import Thread

    Thread(target=server.serve_forever, daemon=True).start()
    client = boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{server.server_port}", region_name=region, aws_access_key_id=access,
        aws_secret_access_key=secret, aws_session_token=token)
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client.create_bucket(Bucket=bucket, **place)
    with open(port_file + ".new", "w") as file:
        file.write(str(server.server_port))
    os.rename(port_file + ".new", port_file)
    signal.pause()


def sign():
    answers = []
    for case in json.load(sys.stdin):
        credentials = Credentials(case["access"], case["secret"], case.get("token"))
        kind = S3SigV4QueryAuth if "expires" in case else S3SigV4Auth
        extra = {"expires": case["expires"]} if "expires" in case else {}
        signer = kind(credentials, "s3", case["region"], **extra)
        request = AWSRequest(method=case["method"], url=case["url"], headers=dict(case["headers"]))
        request.context["timestamp"] = case["time"]
        if "expires" in case:
            signer._modify_request_before_signing(request)
        else:
            request.headers["X-Amz-Date"] = case["time"]
            request.headers["X-Amz-Content-SHA256"] = case["payload"]
            if case.get("token"):
                request.headers["X-Amz-Security-Token"] = case["token"]
        canonical = signer.canonical_request(request)
        answers.append({
            "canonical": canonical, "signature": signer.signature(signer.string_to_sign(request, canonical), request)})
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    sign() if sys.argv[1:] == ["--sign"] else serve(*sys.argv[1:])

//! A form with one file (multipart/form-data, RFC 7578).

use bytes::Bytes;
use domain::crypto::sha256;
use http::HeaderValue;

use super::unconfirmed::ATTACHMENT_PART;

/// Content type and body of a form that carries a PDF report.
pub(super) fn pdf(content: &[u8]) -> (HeaderValue, Bytes) {
    let boundary = boundary(content);
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{ATTACHMENT_PART}\"; filename=\"report.pdf\"\r\n\
         Content-Type: application/pdf\r\n\r\n"
    );
    let body = [head.as_bytes(), content, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
    let content_type = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"));
    // Hex digits are allowed in a header.
    (content_type.unwrap_or(HeaderValue::from_static("multipart/form-data")), body.into())
}

/// A boundary made of the content's hash: the content would have to contain its own hash to be cut by it.
fn boundary(content: &[u8]) -> String {
    sha256(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_one_part_with_the_bytes_as_they_are() {
        let (content_type, body) = pdf(b"%PDF-1.7\r\n--\xff");
        let boundary =
            content_type.to_str().unwrap().strip_prefix("multipart/form-data; boundary=").unwrap().to_owned();
        let mut expected = format!("--{boundary}\r\n").into_bytes();
        expected.extend(b"Content-Disposition: form-data; name=\"file\"; filename=\"report.pdf\"\r\n");
        expected.extend(b"Content-Type: application/pdf\r\n\r\n%PDF-1.7\r\n--\xff\r\n");
        expected.extend(format!("--{boundary}--\r\n").as_bytes());
        assert_eq!(body, expected);
    }
}

//! The PDF report, which some accounts get as bytes and some as base64 text.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use domain::ports::MAX_REPORT_BYTES;

/// How every PDF begins (ISO 32000-2 section 7.5.2).
const MAGIC: &[u8] = b"%PDF";
/// Longest answer that can hold the largest report: base64 with line breaks, quoted.
pub(super) const MAX_ANSWER_BYTES: usize = MAX_REPORT_BYTES / 3 * 4 + MAX_REPORT_BYTES / 16;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The report's bytes; `None` when the answer holds no PDF, or a larger one than [`MAX_REPORT_BYTES`].
pub(super) fn read(answer: &[u8]) -> Option<Vec<u8>> {
    let pdf = if answer.starts_with(MAGIC) { answer.to_vec() } else { decode(answer)? };
    (pdf.starts_with(MAGIC) && pdf.len() <= MAX_REPORT_BYTES).then_some(pdf)
}

/// Base64 text, bare, as a JSON string or as a data URL (RFC 2397); white space within is skipped.
fn decode(answer: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(answer).ok()?.trim();
    let unquoted = if text.starts_with('"') { serde_json::from_str::<String>(text).ok()? } else { text.to_owned() };
    let data = match unquoted.strip_prefix("data:") {
        Some(url) => url.split_once(";base64,")?.1,
        None => &unquoted,
    };
    let compact: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(compact).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_pdf_is_refused() {
        for answer in ["", "<html>", "\"\"", "JVBER", "aGVsbG8=", "\"data:application/pdf,JVBERg\"", "%PD"] {
            assert_eq!(read(answer.as_bytes()), None, "{answer}");
        }
        let mut large = MAGIC.to_vec();
        large.resize(MAX_REPORT_BYTES, b' ');
        assert!(read(&large).is_some());
        assert!(BASE64.encode(&large).len() < MAX_ANSWER_BYTES);
        large.push(b' ');
        assert_eq!(read(&large), None);
        assert_eq!(read(BASE64.encode(&large).as_bytes()), None);
    }

    proptest! {
        #[test]
        fn every_form_gives_the_same_bytes(rest in prop::collection::vec(any::<u8>(), 0..200)) {
            let pdf = [MAGIC, &rest].concat();
            let text = BASE64.encode(&pdf);
            let broken: String = text.as_bytes().chunks(76).flat_map(|line| [std::str::from_utf8(line).unwrap(), "\r\n"]).collect();
            let unpadded = text.trim_end_matches('=').to_owned();
            let quoted = format!(" \"{}\" ", text.replace('/', "\\/"));
            let data = format!("data:application/pdf;base64,{text}");
            for form in [text, broken, unpadded, quoted, data] {
                prop_assert_eq!(read(form.as_bytes()), Some(pdf.clone()));
            }
            prop_assert_eq!(read(&pdf), Some(pdf.clone()));
        }
    }
}

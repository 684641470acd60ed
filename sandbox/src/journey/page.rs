//! Reads the consent page as a browser would: its form, and what it says.

use url::form_urlencoded;

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// Where it is sent, relative to the page.
    pub(super) action: String,
    /// Whether it is sent by POST.
    pub(super) is_post: bool,
    /// Names and values of its inputs.
    pub(super) inputs: Vec<(String, String)>,
    /// What its buttons say.
    pub(super) buttons: Vec<String>,
}

impl Form {
    /// The page's first form.
    pub(super) fn find(page: &str) -> Option<Self> {
        let (_, rest) = page.split_once("<form")?;
        let (tag, rest) = rest.split_once('>')?;
        let (content, _) = rest.split_once("</form")?;
        let inputs = content.split("<input").skip(1).filter_map(|input| {
            let (tag, _) = input.split_once('>')?;
            Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
        });
        let buttons = content.split("<button").skip(1).filter_map(|button| {
            let (_, rest) = button.split_once('>')?;
            Some(sentences(rest.split_once("</button")?.0).join(" "))
        });
        Some(Self {
            action: attribute(tag, "action").unwrap_or_default(),
            is_post: attribute(tag, "method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
            inputs: inputs.collect(),
            buttons: buttons.collect(),
        })
    }

    /// The form filled in: `value` in the input called `name`, everything else as the page has it.
    pub(super) fn filled(&self, name: &str, value: &str) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (input, own) in &self.inputs {
            form.append_pair(input, if input == name { value } else { own });
        }
        form.finish()
    }
}

/// What a page says, piece by piece, without its head.
pub(super) fn sentences(page: &str) -> Vec<String> {
    let body = page.split_once("<body").and_then(|(_, rest)| rest.split_once('>')).map_or(page, |(_, body)| body);
    let pieces = body.split('<').enumerate().filter_map(|(index, piece)| match (index, piece.split_once('>')) {
        (0, None) => Some(piece),
        (_, found) => found.map(|(_, text)| text),
    });
    pieces.map(|text| unescape(text.trim())).filter(|text| !text.is_empty()).collect()
}

/// What `page` says that `before` did not.
pub(super) fn news(before: &str, page: &str) -> String {
    let known = sentences(before);
    let new: Vec<String> = sentences(page).into_iter().filter(|sentence| !known.contains(sentence)).collect();
    new.join(" ")
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescape(rest.split_once('"')?.0))
}

/// Takes back what an HTML template escapes.
fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let decoded = after.split_once(';').and_then(|(entity, after)| Some((character(entity)?, after)));
        match decoded {
            Some((character, after)) => {
                plain.push(character);
                rest = after;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn character(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><html><head><title>Grant</title><style>p < a {}</style></head><body class="x">
<h1>Connect</h1><form method="post" action="integration"><input type="hidden" name="companyId" value="a&amp;b&#34;&#x27;">
<input type="hidden" name="formToken" value="t+/="><input type="password" id="apiKey" name="apiKey" required>
<button type="submit">Grant consent</button></form></body></html>"#;

    #[test]
    fn a_form_is_sent_with_its_hidden_inputs_and_what_was_typed() {
        let form = Form::find(PAGE).unwrap();
        assert_eq!((form.action.as_str(), form.is_post), ("integration", true));
        assert_eq!(form.buttons, ["Grant consent"]);
        assert_eq!(form.filled("apiKey", "k 1"), "companyId=a%26b%22%27&formToken=t%2B%2F%3D&apiKey=k+1");
        assert_eq!(Form::find("<p>none</p>"), None);
    }

    #[test]
    fn news_are_what_a_page_says_anew() {
        let page = PAGE.replace("<form", "<p role=\"alert\"><b>No.</b> It&#39;s &amp; was wrong.</p><form");
        assert_eq!(news(PAGE, &page), "No. It's & was wrong.");
        assert_eq!(sentences(PAGE), ["Connect", "Grant consent"]);
    }
}

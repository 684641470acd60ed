"""Registers the product at SmartRecruiters' stand-in, as ops do once after a deployment."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request

from .description import Stack
from .progress import Failed


def register(stack: Stack, **others: str) -> None:
    """Puts the partner configuration, with these URLs instead of the product's: from then on companies can connect."""
    pair = {"client_id": stack.master_client_id, "client_secret": stack.master_client_secret}
    form = urllib.parse.urlencode({"grant_type": "client_credentials", **pair}).encode()
    token = _call(urllib.request.Request(f"{stack.smartrecruiters_url}/identity/oauth/token", form))["access_token"]
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    url = f"{stack.smartrecruiters_url}/assessment-api/v202010/partner/configuration"
    _call(urllib.request.Request(url, json.dumps({**configuration(stack), **others}).encode(), headers, method="PUT"))


def configuration(stack: Stack) -> dict[str, object]:
    """The product's URLs, with the disconnect key in the one that carries no credential."""
    return {
        "consentUrl": f"{stack.api_url}/integration",
        "consentDisplayMode": "POPUP",
        "assessmentPackageListUrl": f"{stack.api_url}/packages",
        "singleAssessmentPackageUrl": f"{stack.api_url}/packages/{{assessmentPackageId}}",
        "packageOrderUrl": f"{stack.api_url}/packages/orders",
        "inlineAssessmentPackageOrderUrl": f"{stack.api_url}/packages/inline/orders",
        "oauthTokenUrl": f"{stack.api_url}/oauth/token",
        "integrationDisableUrl": f"{stack.api_url}/integrations/{stack.disconnect_key}/companies/{{companyId}}",
        "supportedAssessmentTypes": ["SKILL_TEST", "INLINE_ASSESSMENT"],
    }


def _call(request: urllib.request.Request) -> dict[str, object]:
    """Sends a request, past any proxy, and returns its JSON; any answer but a good one is a failure."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.URLError as error:
        raise Failed(f"The product cannot be registered at the stand-in of SmartRecruiters: {error}") from error

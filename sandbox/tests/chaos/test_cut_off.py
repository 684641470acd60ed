"""The process that connects a company dies in the midst of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from support.polling import eventually
from support.world import World

from .killing import Moment, kill
from .storm import proxy


def test_the_next_form_finishes_what_a_killed_process_has_begun(world: World) -> None:
    company, account = world.company(), world.account()
    page, key = company.allows(), account.enables_the_integration()
    # SmartRecruiters has answered; its answer, which it gives once, has just been stored.
    moment = Moment(proxy(world), "secretsmanager:PutSecretValue", world.ops.functions["ConsentFunction"], after_effect=True,
                    about="smartRecruiters")
    with ThreadPoolExecutor(1) as browser:
        first = browser.submit(company.grants, page, key)
        assert kill(world.ops.stack, moment)
        assert first.result().status_code >= 500
    # Nobody may go on before the dead process has surely ended: let a minute pass.
    integration = world.ops.integration(company.name)
    assert world.ops.sets(integration, attempt={**integration["attempt"], "claimed_until": 0})
    stranger = world.account().enables_the_integration()
    assert company.grants(company.opens(company.consent_url), stranger).status_code == 409
    company.sees(account.creates())
    assert len(eventually(lambda: company.calls("setUpIntegration"))) == 1

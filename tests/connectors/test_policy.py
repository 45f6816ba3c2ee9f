from connectors.policy import Policy, ThrottlePolicy


def test_a_bucket_has_the_limits_of_the_first_pattern_it_matches() -> None:
    tier, posting = ThrottlePolicy(per_second=20 / 60), ThrottlePolicy(per_second=1)
    policy = Policy(buckets={"tier2:*": tier, "chat.postMessage:*": posting})

    assert policy.throttle_of("tier2:conversations.list") == tier
    assert policy.throttle_of("chat.postMessage:C1") == posting
    assert policy.throttle_of("default") == policy.throttle

"""What the order domain hears can be told, and what needs a person rings."""

from cdk.stacks.order import HEARS
from order.events import AnyOrderEvent
from order.hearing import NEEDS_ATTENTION
from order.views import SUMMARIES


def test_every_fact_in_a_story_has_a_sentence():
    told = {type for source, types in HEARS.items() if source != "catalog" for type in types}
    assert told - SUMMARIES.keys() == set()
    own = {event.__name__ for event in AnyOrderEvent.__args__}
    assert own - SUMMARIES.keys() == set()


def test_an_order_that_needs_attention_rings(resources):
    [alarm] = [
        one.properties
        for one in resources("AWS::CloudWatch::Alarm")
        if one.properties.get("MetricName") == NEEDS_ATTENTION
    ]
    assert (alarm["Namespace"], alarm["Threshold"], alarm["Statistic"]) == ("commerce", 1, "Sum")
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "order"}]
    assert alarm["AlarmActions"]

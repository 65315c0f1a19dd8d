"""What a page offers beside its open tasks: each page once, and one main act."""

from ui.components import Action, OpenTask
from web.prescriber.presenters import each_action_once


def test_page_that_several_tasks_lead_to_is_offered_once_and_one_action_is_the_main_one() -> None:
    month, visit = (Action(name, f"/{name}/", tone="main") for name in ("month", "visit"))
    tasks = [OpenTask("a"), OpenTask("b", action=month), OpenTask("c", action=month), OpenTask("d", action=visit)]
    shown = [(task.sentence, task.action and (task.action.url, task.action.tone)) for task in each_action_once(tasks)]
    assert shown == [("a", None), ("b", ("/month/", "main")), ("c", None), ("d", ("/visit/", "quiet"))]

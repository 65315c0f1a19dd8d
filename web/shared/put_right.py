"""What each page says of how a wrong entry is put right: by page, the kinds of record that are entered on it.

`tests/web/test_put_right.py` walks every address that takes something: each stands in one of the two tables.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from compliance.words.corrections import correction_sentences

#: By the name of the address; an entry of the practice by `prescriber:entry/` and its slug.
ENTERED_ON: Mapping[str, tuple[str, ...]] = {
    "prescriber:entry/month": ("pregnancy_test", "counselled", "contraception_declared"),
    "prescriber:entry/test": ("pregnancy_test",),
    "prescriber:entry/booking": ("test_booked",),
    "prescriber:entry/answer": ("report_answered",),
    "prescriber:entry/prescription": ("prescribed",),
    "prescriber:entry/health": ("health_answered",),
    "prescriber:entry/laboratory": ("laboratory_result",),
    "prescriber:entry/laboratory-plan": ("laboratory_planned",),
    "prescriber:entry/visit": ("counselled",),
    "prescriber:entry/methods": ("contraception_declared",),
    "prescriber:entry/home-testing": ("home_testing_set",),
    "prescriber:entry/category": ("category_changed",),
    "prescriber:entry/birth-date": ("birth_date_corrected",),
    "prescriber:entry/contact": ("contact_corrected",),
    "prescriber:entry/clear-stop": ("stop_cleared",),
    "prescriber:entry/pregnancy": ("pregnancy_reported",),
    "prescriber:entry/discontinue": ("discontinued",),
    "prescriber:entry/last-dose": ("last_dose_corrected",),
    "prescriber:entry/hand-over": ("transfer_offered",),
    "prescriber:entry/take-back": ("transfer_withdrawn",),
    "prescriber:entry/question": ("question_answered",),
    "prescriber:entry/course": ("enrolled",),
    "prescriber:void_entry": ("entry_struck",),
    "prescriber:enrol": ("registered", "enrolled"),
    "prescriber:name_guardian": ("guardian_named",),
    "prescriber:correct_guardian": ("guardian_corrected",),
    "prescriber:replace_guardian": ("guardian_named",),
    "prescriber:end_guardian": ("guardian_ended",),
    "prescriber:transfers": ("transferred", "transfer_declined"),
    "prescriber:take_back": ("transferred",),
    "prescriber:practice": ("account/account_opened",),
    "prescriber:practice_contact": ("prescriber/contact_corrected",),
    "prescriber:laboratory_schedule": ("prescriber/laboratory_scheduled",),
    "prescriber:recertify": ("prescriber/renewed",),
    "prescriber:add_delegate": ("prescriber/delegate_named",),
    "prescriber:deactivate_designee": ("account/account_closed",),
    "patient:section": ("consent_signed",),
    "patient:signature": ("consent_signed",),
    "patient:refuse": ("consent_refused", "question_asked"),
    "patient:withdraw": ("consent_withdrawn",),
    "patient:methods": ("contraception_declared",),
    "patient:questions": ("comprehension_passed",),
    "patient:ask_prescriber": ("transfer_offered",),
    "patient:pregnant": ("pregnancy_reported",),
    "patient:mistake": ("report_mistaken",),
    "patient:problem": ("problem_reported",),
    "patient:booking": ("test_booked",),
    "patient:feeling": ("mood_answered",),
    "patient:side_effects": ("side_effect_reported",),
    "patient:health": ("health_reviewed",),
    "patient:health_unchanged": ("health_reviewed",),
    "guardian:section": ("consent_signed",),
    "guardian:signature": ("consent_signed",),
    "guardian:refuse": ("consent_refused", "question_asked"),
    "guardian:withdraw": ("consent_withdrawn",),
    "pharmacy:home": ("authorized",),
    "pharmacy:answer": ("dispensed", "reversed"),
    "pharmacy:authorization": ("dispensed", "reversed"),
    "pharmacy:dispense": ("dispensed", "reversed"),
    "pharmacy:profile": ("account/account_opened",),
    "pharmacy:contact": ("pharmacy/contact_corrected",),
    "prescriber:apply_again": ("prescriber/applied",),
    "pharmacy:apply_again": ("pharmacy/applied",),
    "pharmacy:training": ("pharmacy/trained",),
    "pharmacy:deactivate_colleague": ("account/account_closed",),
    "office:certifications": ("prescriber/approved", "prescriber/reinstated"),
    "office:suspend": ("prescriber/suspended",),
    "office:turn_down": ("prescriber/turned_down",),
    "office:check_register": ("prescriber/register_checked",),
    "office:case": ("pregnancy_followed",),
    "office:signal": ("prescriber/case_opened",),
    "office:open_case": ("prescriber/case_opened",),
    "office:compliance_step": ("prescriber/case_step",),
    "prescriber:answer_case": ("prescriber/case_answered",),
    "pharmacy:answer_case": ("pharmacy/case_answered",),
    "office:place": ("prescriber/approved", "prescriber/reinstated"),
    "office:place_contact": ("prescriber/contact_corrected",),
    "office:decide_held": ("kept_apart", "file_linked"),
    "office:links": ("file_linked",),
    "office:confirm_link": ("file_linked",),
    "office:end_link": ("file_unlinked",),
    "office:hand_over": ("transfer_offered",),
    "office:erasures": ("erasure_asked", "texts_erased"),
    "office:accounts": ("account/reissue_asked",),
    "office:add_officer": ("account/account_opened",),
    "office:deactivate_account": ("account/account_closed",),
    "office:reactivate_account": ("account/account_reopened",),
    "own_account:name": ("account/name_corrected",),
    "own_account:address": ("account/address_changed",),
    "own_account:confirm_address": ("account/address_changed",),
    "own_account:user_name": ("account/address_changed",),
    "own_account:phone": ("contact_corrected", "guardian_corrected"),
    "calendar:dates": ("account/calendar_feed_made", "account/calendar_feed_ended"),
    "own_account:language": ("account/language_changed",),
    "public:invitation": ("invitation_accepted",),
    "public:letter_account": ("invitation_accepted",),
    "public:join": ("account/place_added",),
    "public:practice_registration": ("account/account_registered",),
    "public:pharmacy_registration": ("account/account_registered",),
}

#: Addresses that take something and have no such page, each with the reason.
NOTHING_SAID: Mapping[str, str] = {
    **dict.fromkeys(
        ("prescriber:invite", "prescriber:invite_guardian", "prescriber:letter", "prescriber:guardian_letter",
         "prescriber:answer_transfer", "prescriber:end_delegate",
         "pharmacy:reverse", "pharmacy:reverse_several", "office:decide", "office:confirm_recovery",
         "office:confirm_erasure",
         "patient:take_request_back", "patient:open_guide", "calendar:switch_off", "own_account:switch_language"),
        "a button of another page"),
    **dict.fromkeys(
        ("prescriber:home", "patient:find_prescriber", "office:find_account", "office:find", "office:what_if",
         "public:register_practice",
         "public:register_pharmacy", "public:letter"),
        "nothing is entered: it searches, or asks for a link"),
    **dict.fromkeys(("public:set_password", "public:set_password_old"), "a password is changed by its owner"),
    **dict.fromkeys(
        ("places:choose", "stay", "signed_in", "home", "live", "ready", "healthz", "readyz", "worker", "metrics",
         "end_session", "remove_app", "remove_passkey", "own_account:messages", "own_account:switch_off",
         "own_account:text_number", "own_account:text_code", "own_account:remove_text_number", "sms_events"),
        "nothing about a person is entered"),
    **dict.fromkeys(("surveys:survey", "surveys:later"), "what is answered is kept of nobody"),
}  # fmt: skip


def page_name(request: HttpRequest) -> str:
    """The name under which the page stands in the tables; empty for none."""
    match = request.resolver_match
    if match is None:
        return ""
    slug = match.kwargs.get("slug")
    return f"{match.view_name}/{slug}" if match.view_name == "prescriber:entry" else match.view_name


def context(request: HttpRequest) -> dict[str, Any]:
    """For every page: how what is entered on it is put right, in sentences."""
    kinds = ENTERED_ON.get(page_name(request), ())
    # The reader is asked for only where something is said: an error's page may have no session, nor a database.
    return {"put_right": correction_sentences(kinds, getattr(request.user, "role", ""))} if kinds else {}

"""Is a statement believable? Rules in four families (Đúng, Đủ, Sạch, Sống), a verdict per entry, scores. Pure."""

from gateway.quality.catalogue import RuleText, catalogue, render
from gateway.quality.scores import Judged, Scores, judge_record, score_commune, score_record
from gateway.quality.settings import Colour, Family, QualitySettings
from gateway.quality.subject import Subject, future
from gateway.quality.tally import Tally
from gateway.quality.verdict import Verdict, judge

__all__ = [
    "Colour",
    "Family",
    "Judged",
    "QualitySettings",
    "RuleText",
    "Scores",
    "Subject",
    "Tally",
    "Verdict",
    "catalogue",
    "future",
    "judge",
    "judge_record",
    "render",
    "score_commune",
    "score_record",
]

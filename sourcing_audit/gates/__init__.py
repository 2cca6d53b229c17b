"""Whether a dataset passes what was asked of it: limits, waivers and a baseline."""

from __future__ import annotations

from sourcing_audit.gates.judging import Judgement, Limit, check, judge, limits

__all__ = ["Judgement", "Limit", "check", "judge", "limits"]

"""What a requirement, a probe and a conversation are, and the words they are described with."""

from conformance.requirements.categories import CATEGORIES as CATEGORIES
from conformance.requirements.categories import CONNECTION_ERRORS as CONNECTION_ERRORS
from conformance.requirements.categories import INVALID_API_KEY as INVALID_API_KEY
from conformance.requirements.categories import MODEL_NOT_FOUND as MODEL_NOT_FOUND
from conformance.requirements.categories import TOOL_CALLING_ERRORS as TOOL_CALLING_ERRORS
from conformance.requirements.categories import UNEXPECTED_RESULTS as UNEXPECTED_RESULTS
from conformance.requirements.categories import Category as Category
from conformance.requirements.outcome import MOST_SERIOUS_FIRST as MOST_SERIOUS_FIRST
from conformance.requirements.outcome import Blocked as Blocked
from conformance.requirements.outcome import NotApplicable as NotApplicable
from conformance.requirements.outcome import Outcome as Outcome
from conformance.requirements.requirement import BREAKS as BREAKS
from conformance.requirements.requirement import DEGRADES as DEGRADES
from conformance.requirements.requirement import EVERYONE as EVERYONE
from conformance.requirements.requirement import HARMLESS as HARMLESS
from conformance.requirements.requirement import Blame as Blame
from conformance.requirements.requirement import Requirement as Requirement
from conformance.requirements.requirement import Severity as Severity
from conformance.requirements.requirement import everyone as everyone
from conformance.requirements.requirement import severity_for as severity_for

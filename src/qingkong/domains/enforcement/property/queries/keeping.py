"""What keeps the people behind exhibits beyond their last day: things of their case that aren't settled."""

from qingkong.domains.enforcement.property.models import Exhibit, PropertyPerson
from qingkong.kernel.text import Sentence, zh

UNSETTLED = zh("本案还有涉案财物没有了结。")


def holds_person(person: PropertyPerson) -> Sentence | None:
    """An unsettled thing of the case keeps its holder, owner and witness."""
    return UNSETTLED if Exhibit.objects.filter(case=person.case_id).open().exists() else None

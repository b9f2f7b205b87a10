"""Tables of property. What must always hold is a constraint or a trigger here; what depends on the moment is in `rules`.

Two promises stand in the database itself (migration 0002): an officer of the case never keeps its exhibits, and a
movement, once written, never changes and never goes.
"""

from qingkong.domains.enforcement.property.models.exhibits import OPEN, Exhibit, Handback, Movement, way_label
from qingkong.domains.enforcement.property.models.taking import PropertyPerson, SeizureApproval, SeizureList

__all__ = [
    "OPEN",
    "Exhibit",
    "Handback",
    "Movement",
    "PropertyPerson",
    "SeizureApproval",
    "SeizureList",
    "way_label",
]

"""Forms in the govuk markup of our own templates. Fields clean what people type; operations decide.

`{% form form submit=… %}` shows a whole form, `{% field form.place %}` one field.
"""

from qingkong.web.forms.base import Form
from qingkong.web.forms.choosing import CheckField, ChecksField, ChoiceField, OfficerField, RadioField, said
from qingkong.web.forms.files import FileField, FilesField
from qingkong.web.forms.places import PlaceField, PlaceSaid
from qingkong.web.forms.texts import (
    HiddenField,
    IdNumberField,
    IntegerField,
    MoneyField,
    PasswordField,
    PhoneField,
    TextArea,
    TextField,
)
from qingkong.web.forms.times import DateField, MomentField

__all__ = [
    "CheckField", "ChecksField", "ChoiceField", "DateField", "FileField", "FilesField", "Form", "HiddenField",
    "IdNumberField", "IntegerField", "MomentField", "MoneyField", "OfficerField", "PasswordField", "PhoneField",
    "PlaceField", "PlaceSaid", "RadioField", "TextArea", "TextField", "said",
]  # fmt: skip

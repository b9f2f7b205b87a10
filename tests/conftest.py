"""The tests of the whole house share the county of the rooms' tests."""

from qingkong.conftest import at, chinese, county, django_db_setup, in_parallel, pytest_collection_modifyitems

__all__ = ["at", "chinese", "county", "django_db_setup", "in_parallel", "pytest_collection_modifyitems"]

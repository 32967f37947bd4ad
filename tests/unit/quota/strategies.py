"""Values of the core, for property tests."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from app.quota.units import KIB, MAX_BLOCK_LIMIT_KIB, MAX_INODE_LIMIT
from app.quota.values import Limits, Quota, ResourceQuota

block_limit_values = st.none() | st.integers(1, MAX_BLOCK_LIMIT_KIB * KIB)
inode_limit_values = st.none() | st.integers(1, MAX_INODE_LIMIT)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract

block_limits = st.builds(Limits, block_limit_values, block_limit_values)
inode_limits = st.builds(Limits, inode_limit_values, inode_limit_values)
resources = st.builds(ResourceQuota, st.integers(0, 2**60), block_limits, st.none() | instants)
quotas = st.builds(Quota, st.integers(0, 2**32 - 2), resources, resources)

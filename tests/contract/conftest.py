"""The suite's own assertions explain themselves, as those of test modules do."""

import pytest

pytest.register_assert_rewrite("tests.contract.backend_contract", "tests.contract.engine_contract")

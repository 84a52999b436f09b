"""A namespace that nobody has used."""

from __future__ import annotations

import uuid

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.testing import WorkflowEnvironment

from starter.temporal import patiently


@pytest.fixture
async def namespace(server: WorkflowEnvironment) -> str:
    """A new namespace of the session's server, without search attributes."""
    name, service = f"test-{uuid.uuid4().hex[:8]}", server.client.workflow_service
    wanted = RegisterNamespaceRequest(
        namespace=name, workflow_execution_retention_period=Duration(seconds=86_400)
    )
    await patiently(lambda: service.register_namespace(wanted))

    async def known() -> None:
        await service.describe_namespace(DescribeNamespaceRequest(namespace=name))

    await patiently(known)
    return name

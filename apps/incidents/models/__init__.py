"""Incidents, what was said of them, the components they hit, and planned maintenance."""

from apps.incidents.models.components import Component, ComponentGroup
from apps.incidents.models.incident import Incident
from apps.incidents.models.maintenance import Maintenance, MaintenanceUpdate
from apps.incidents.models.rca import RCA, Action
from apps.incidents.models.severities import LEVELS, SEVERITIES, Impact, Severity
from apps.incidents.models.updates import ImpactChange, Pin, Update

__all__ = [
    "LEVELS",
    "RCA",
    "SEVERITIES",
    "Action",
    "Component",
    "ComponentGroup",
    "Impact",
    "ImpactChange",
    "Incident",
    "Maintenance",
    "MaintenanceUpdate",
    "Pin",
    "Severity",
    "Update",
]

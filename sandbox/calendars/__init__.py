"""Stand-ins of outside calendars: Google Calendar, Microsoft Graph and a practice system on FHIR R4."""

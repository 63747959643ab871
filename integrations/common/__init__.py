"""What agencies of the shape in ``docs/add-an-agency.md`` have in common. No plugin: the registry leaves this folder out."""

"""What plays user space for a PAPR partition: its hypervisor calls, RTAS, and interrupt presentation."""

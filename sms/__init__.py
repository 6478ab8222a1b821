"""SMS gateways behind ``core.ports.SmsGateway``, and what a text costs in parts.

``smsaero.SmsAeroGateway`` sends for money, ``console.ConsoleGateway`` prints for development. Neither is
imported here, so that a deployment loads only the one which it uses.
"""

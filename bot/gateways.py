"""The SMS gateways of the settings, and the address at which they may report."""

from bot.settings import BadSettings, Settings, secret_key
from core.keyring import Keyring
from core.ports import SmsGateway
from sms.console import ConsoleGateway
from sms.failover import Failover
from sms.smsaero import SmsAeroGateway
from sms.smsru import SmsRuGateway

_LONG_ENOUGH = 40


def report_path(keys: Keyring) -> str:
    """Where delivery reports are posted, below PUBLIC_URL: nobody guesses it who has not the secret key."""
    return f"/sms/{keys.hash('sms_report')[:_LONG_ENOUGH]}"


def report_url(settings: Settings) -> str | None:
    """The whole address of reports; None where this installation has no address from outside."""
    base = (settings.public_url or "").rstrip("/")
    return f"{base}{report_path(Keyring(secret_key(settings)))}" if base else None


def build_sms(settings: Settings) -> Failover:
    """The gateways, the preferred one first. Raises BadSettings."""
    names = [settings.sms_gateway, *([settings.sms_fallback] if settings.sms_fallback else [])]
    return Failover([(name, _gateway(name, settings)) for name in names])


def _gateway(name: str, settings: Settings) -> SmsGateway:
    try:
        if name == "smsaero":
            return SmsAeroGateway(
                settings.smsaero_email or "",
                settings.smsaero_api_key or "",
                sign=settings.smsaero_sign,
                gate=settings.smsaero_gate,
                scheme=settings.smsaero_scheme,
                report_url=report_url(settings),
            )
        if name == "smsru":
            return SmsRuGateway(settings.smsru_api_id or "", sender=settings.smsru_sender, url=settings.smsru_url)
    except ValueError as error:
        raise BadSettings(f"{name.upper()}_*: {error}") from None
    return ConsoleGateway()

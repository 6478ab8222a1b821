"""What can be refused, as one tree. Errors are named as facts and carry numbers, never prose.

The renderer picks the sentence: the template of an error is its ``code`` in ``templates/<lang>/errors``.
However long it gets it stays one file, since it is one list of declarations.
"""

import re
from typing import Any, ClassVar


class LoyaltyError(Exception):
    """A refusal that a person can be told of. ``data`` is what its template may use."""

    code: ClassVar[str] = "loyalty_error"

    def __init_subclass__(cls) -> None:
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, **data: Any) -> None:
        super().__init__(self.code)
        self.data = data


# --- what people type ---------------------------------------------------------------------------------
class InvalidAmount(LoyaltyError):
    """Not a sum of money (or of points) between ``low`` and ``high``; ``reason`` says why."""


class InvalidPhone(LoyaltyError):
    """Not a phone number."""


class InvalidCard(LoyaltyError):
    """Not a card number: ``low`` to ``high`` digits."""


class InvalidSetting(LoyaltyError):
    """``name`` does not take this value; ``low`` and ``high`` are its bounds where it has some."""


class LevelsUnsound(LoyaltyError):
    """Thresholds must rise, and no name may stand twice."""


class RulesContradict(LoyaltyError):
    """``adding`` and ``removing`` would give and take the same category at once."""


class KindLocked(LoyaltyError):
    """Points can't become a discount, nor the reverse, after the first card was activated."""


class SettingChanged(LoyaltyError):
    """Somebody changed the setting ``name`` after it was shown to who saves it now."""


# --- files and products -------------------------------------------------------------------------------
class FileRefused(LoyaltyError):
    """The file can't be read as a table, or has no such columns; ``reason`` says why, with its bounds."""


class ImportGone(LoyaltyError):
    """The file is not known any more: it has to be sent anew."""


class ProductUnknown(LoyaltyError):
    """No such product or category (any more)."""


class ProductTaken(LoyaltyError):
    """Another product or category, ``title``, has this ``what``: article or name."""


class PriceMissing(LoyaltyError):
    """The product ``title`` has no price: it has to be typed."""


class TooManyLines(LoyaltyError):
    """A receipt has ``most`` lines at most."""


class LastLine(LoyaltyError):
    """Nothing would be left of the receipt."""


class PaymentUnasked(LoyaltyError):
    """What a sale earns depends on how it is made and paid, which nobody has said."""


class CategoryInUse(LoyaltyError):
    """``count`` products, or the programme's settings, still need the category."""


# --- who may do it ------------------------------------------------------------------------------------
class NotAllowed(LoyaltyError):
    """The actor's role or branch does not allow this; ``needed`` is the lacking right or role, if known."""


class OwnAccount(LoyaltyError):
    """The customer is the staff member themselves: a colleague has to do it."""


class LastOwner(LoyaltyError):
    """Somebody has to stay the owner."""


class ReasonNeeded(LoyaltyError):
    """Points by hand need a reason of ``low`` to ``high`` characters."""


class BalanceTooSmall(LoyaltyError):
    """Only what is there can be taken by hand: ``available``, ``wanted`` was asked for (hundredths)."""


class ManualGone(LoyaltyError):
    """No such points by hand for this actor."""


class NobodyToConfirm(LoyaltyError):
    """So many points by hand need a second person, and there is none; alone at most ``limit`` (hundredths)."""


class AlreadyDecided(LoyaltyError):
    """Somebody has decided it meanwhile: ``status`` says how."""


class NotRegistered(LoyaltyError):
    """The Telegram account belongs to no customer yet."""


class InviteInvalid(LoyaltyError):
    """The staff invitation is unknown, used or out of date."""


class AlreadyStaff(LoyaltyError):
    """The Telegram account already works here."""


# --- who is meant -------------------------------------------------------------------------------------
class CustomerUnknown(LoyaltyError):
    """No customer with this phone; ``phone`` was asked for."""


class CardUnknown(LoyaltyError):
    """No such card; ``number`` was asked for."""


class CardBlocked(LoyaltyError):
    """The card was reported lost."""


class CardTaken(LoyaltyError):
    """The card belongs to somebody else."""


class CardUnbound(LoyaltyError):
    """The card exists but nobody holds it yet."""


class ShownCodeStale(LoyaltyError):
    """The code or QR of the customer's bot is out of date: ask to refresh it. ``typed``: it was a code."""


class PhoneMistyped(LoyaltyError):
    """``digits`` read as a phone with a slip: one digit short, or with a sum glued to it."""


class PhoneTaken(LoyaltyError):
    """The phone already belongs to a customer."""


class PhoneSame(LoyaltyError):
    """The phone is the customer's own already."""


class PhoneNotChangeable(LoyaltyError):
    """The customer's phone can't become this one here: somebody else has it, which is not said."""


class AlreadyRegistered(LoyaltyError):
    """This Telegram account already belongs to a customer."""


class StopLinkBroken(LoyaltyError):
    """A link for refusing messages that was damaged on its way."""


class RegistrationStale(LoyaltyError):
    """The registration was finished or is out of date."""


# --- codes --------------------------------------------------------------------------------------------
class CodeWrong(LoyaltyError):
    """The digits differ; ``tries_left`` more tries."""


class CodeExhausted(LoyaltyError):
    """Too many wrong tries; a new code can be asked for in ``wait_s`` seconds."""


class CodeExpired(LoyaltyError):
    """The code is out of date, was used, or a newer one replaced it."""


class ResendTooSoon(LoyaltyError):
    """A code was sent a moment ago; the next may go in ``wait_s`` seconds."""


class CodeLimit(LoyaltyError):
    """No more codes for now: ``scope`` is ``phone``, ``landline``, ``member``, ``merchant`` or ``stopped``."""


class ProofStale(LoyaltyError):
    """The phone has to be verified again."""


class ContactForeign(LoyaltyError):
    """Somebody else's contact, or one that was forwarded, proves nothing."""


class ContactNotProof(LoyaltyError):
    """The programme asks for a code by SMS even for one's own contact."""


# --- the till -----------------------------------------------------------------------------------------
class PurchaseUnknown(LoyaltyError):
    """No such purchase for this actor."""


class PurchaseClosed(LoyaltyError):
    """The purchase is already completed or cancelled: ``status`` says which."""


class QuoteStale(LoyaltyError):
    """What was quoted is no longer true; ``quote`` is what is true now."""


class PointsNotEnough(LoyaltyError):
    """At most ``limit`` points (hundredths) can be spent here; ``wanted`` was asked for."""


class RedemptionOff(LoyaltyError):
    """Paying by points is switched off in this branch."""


class InvalidReceipt(LoyaltyError):
    """Not a receipt's number: letters and digits, at most ``high``."""


class ReceiptNeeded(LoyaltyError):
    """The programme asks for the receipt's number before the sale is completed."""


class ReceiptTaken(LoyaltyError):
    """Another sale of the branch has this ``number`` today: its ``subtotal``, ``at`` and ``time_zone``."""


class HoldGone(LoyaltyError):
    """Nothing waits for confirmation any more."""


class ConfirmationImpossible(LoyaltyError):
    """The customer has neither the bot nor a phone to confirm with."""


class UndoTooLate(LoyaltyError):
    """A sale can be undone within ``minutes`` minutes only."""


class RefundAboveRest(LoyaltyError):
    """A refund is of something, and of at most what is ``left`` (minor units)."""


class RefundStale(LoyaltyError):
    """More of the purchase was refunded since it was shown."""


class RefundTooLate(LoyaltyError):
    """A purchase can be refunded within ``days`` days; later by a manager only."""


class AlreadyRefunded(LoyaltyError):
    """A part of the sale was refunded: the rest goes back by a refund, not by undoing. ``left`` in minor units."""


class GiftGone(LoyaltyError):
    """The programme has no such gift any more, or gives none for points."""


class InvalidOffer(LoyaltyError):
    """A promotion or a coupon can't be so: ``reason`` is name, a benefit, dates, no_points, minimum, hours, limit,
    code, code_taken or count; ``low`` and ``high`` are its bounds where it has some."""


class OfferUnknown(LoyaltyError):
    """No such promotion or coupon for this actor."""


class CouponRefused(LoyaltyError):
    """A coupon gives nothing here: ``reason`` is unknown, off, planned, ended, used_up, used, minimum, elsewhere,
    lines, no_points, programme_off or less."""


class PaymentTooMuch(LoyaltyError):
    """At most ``rest`` minor units are left to pay; with 0 all is paid."""


class PaymentStale(LoyaltyError):
    """Somebody has taken a payment meanwhile: ``rest`` minor units are left."""


class VisitUnknown(LoyaltyError):
    """No such visit for this actor."""


class VisitNotExpected(LoyaltyError):
    """Nobody awaited this customer today, so nobody failed to come."""


class VisitAhead(LoyaltyError):
    """The visit is on a later day."""


class VisitPast(LoyaltyError):
    """A visit is booked for later, at most ``days`` days ahead."""


class VisitBought(LoyaltyError):
    """The customer bought something on this visit, so they came."""


class MetricLocked(LoyaltyError):
    """Thresholds of levels are money or numbers of visits: what is counted can't change under them."""


class DifferentInputs(LoyaltyError):
    """The same request came before with other inputs."""


# --- referral -----------------------------------------------------------------------------------------
class PromoCodeUnknown(LoyaltyError):
    """Nobody has this promo code."""


class PromoCodeOwn(LoyaltyError):
    """One's own promo code."""


class PromoCodeTooLate(LoyaltyError):
    """A promo code can be entered within ``days`` days of registration, once, before the first purchase."""


class PromoCodeCircle(LoyaltyError):
    """The code's owner was invited by whoever enters it, or by a friend of theirs."""


# --- reviews ------------------------------------------------------------------------------------------
class ReviewUnknown(LoyaltyError):
    """Nobody was asked about this purchase, or somebody else was."""


class ReviewClosed(LoyaltyError):
    """Words were sent: the review stays as it is, with its ``stars``."""


class ReviewAnswered(LoyaltyError):
    """A review is answered once, and ``name`` did."""


class CustomerUnreachable(LoyaltyError):
    """The customer has no chat that can be written to."""


class TextTooLong(LoyaltyError):
    """A text is longer than ``high`` characters."""


# --- the office: customers, cards, branches -----------------------------------------------------------
class CustomerBlocked(LoyaltyError):
    """The merchant has blocked this customer: nothing is earned and nothing is spent."""


class MergeSelf(LoyaltyError):
    """A customer can't be merged with themselves."""


class MergeBusy(LoyaltyError):
    """Points of one of the two wait for a confirmation at a till."""


class NameTooShort(LoyaltyError):
    """A name is looked for by at least ``low`` letters."""


class CardRangeWrong(LoyaltyError):
    """Not a range of card numbers: two of one length, ``low`` to ``high`` digits, at most ``most`` of them."""


class CardNotFree(LoyaltyError):
    """The card's ``status`` does not allow this."""


class BranchUnknown(LoyaltyError):
    """No such branch."""


class BranchClosed(LoyaltyError):
    """The branch ``name`` is closed: it sells nothing."""


class BranchLast(LoyaltyError):
    """The only open branch can't be closed."""


class BranchTaken(LoyaltyError):
    """A branch called ``name`` is there already."""


class ZoneUnknown(LoyaltyError):
    """Not the name of a time zone."""


class ExportGone(LoyaltyError):
    """The export's file was thrown away, or was never finished."""

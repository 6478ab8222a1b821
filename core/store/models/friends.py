"""What inviting friends brings."""

from tortoise import fields

from core.store.models.base import Row, link


class ReferralReward(Row):
    """What a friend's purchase brings both sides: it waits until ``due_at``, or was given. One a friend.

    The terms are those of the day of the purchase: ``minimum`` in minor units, points in hundredths. A reward that
    is taken back, or never came, leaves no row.
    """

    friend = link("Customer", unique=True)
    friend_id: int
    purchase = link("Purchase")
    purchase_id: int
    minimum = fields.BigIntField()
    friend_points = fields.BigIntField()
    inviter_points = fields.BigIntField()
    due_at = fields.DatetimeField()
    given_at = fields.DatetimeField(null=True)

    class Meta:
        table = "referral_reward"

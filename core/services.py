"""All verbs of the programme in one value: what handlers are given."""

from dataclasses import dataclass

from core.alerts import Alerts
from core.balance import Balances
from core.boards import Boards
from core.branches import Branches
from core.campaign_sending import Sendings
from core.campaigns import Campaigns
from core.card_imports import cards_kind
from core.card_pool import CardPool
from core.cards import Cards
from core.catalogue import Catalogue
from core.catalogue_import import products_kind
from core.categories import Categories
from core.check import NightlyCheck
from core.code_stops import CodeStops
from core.consents import Consents
from core.couponing import Couponing
from core.coupons import Coupons
from core.customer_imports import CustomerImport
from core.deps import Deps
from core.directory import Directory
from core.enrolment import Enrolment
from core.expiry import Expiries
from core.exports import Exports
from core.friends import FriendRewards
from core.gifts import Gifts
from core.held import HeldAccruals
from core.identification import Identification
from core.imports import Imports
from core.jobs import Jobs
from core.journal import Journal
from core.manual import ManualPoints
from core.merging import Merging
from core.pay_ways import PayWays
from core.payments import Payments
from core.preferences import Preferences
from core.privacy import Privacy
from core.programme import Programmes
from core.promotions import Promotions
from core.receipt_numbers import ReceiptNumbers
from core.redemption import Redemption
from core.referrals import Referrals
from core.refunds import Refunds
from core.registration import Registrations
from core.reminders import Reminders
from core.reports import Reports
from core.reviews import Reviews
from core.schedule import Schedule
from core.segments import Segments
from core.sms_budget import SmsBudget
from core.sms_report import SmsReports
from core.sms_statuses import SmsStatuses
from core.staff import Staff
from core.standing import Standings
from core.team import Team
from core.texts import Texts
from core.till import Till
from core.till_lines import TillLines
from core.till_registration import TillRegistrations
from core.upkeep import Upkeep
from core.verification import Verification
from core.visits import Visits
from core.what_ifs import WhatIfs


@dataclass(frozen=True, slots=True)
class Services:
    """The verbs by area."""

    deps: Deps
    identification: Identification
    verification: Verification
    registrations: Registrations
    till_registrations: TillRegistrations
    till: Till
    redemption: Redemption
    refunds: Refunds
    gifts: Gifts
    cards: Cards
    balances: Balances
    referrals: Referrals
    friend_rewards: FriendRewards
    preferences: Preferences
    privacy: Privacy
    programmes: Programmes
    boards: Boards
    what_ifs: WhatIfs
    staff: Staff
    reports: Reports
    jobs: Jobs
    schedule: Schedule
    expiries: Expiries
    reminders: Reminders
    upkeep: Upkeep
    standings: Standings
    categories: Categories
    visits: Visits
    payments: Payments
    promotions: Promotions
    coupons: Coupons
    couponing: Couponing
    team: Team
    held: HeldAccruals
    manual: ManualPoints
    receipt_numbers: ReceiptNumbers
    journal: Journal
    catalogue: Catalogue
    imports: Imports
    till_lines: TillLines
    pay_ways: PayWays
    card_pool: CardPool
    directory: Directory
    merging: Merging
    branches: Branches
    exports: Exports
    alerts: Alerts
    code_stops: CodeStops
    nightly_check: NightlyCheck
    reviews: Reviews
    sms_budget: SmsBudget
    sms_statuses: SmsStatuses
    sms_reports: SmsReports
    texts: Texts
    consents: Consents
    campaigns: Campaigns
    segments: Segments
    sendings: Sendings

    @classmethod
    def of(cls, deps: Deps) -> "Services":
        """Wire the verbs to one set of dependencies.

        It is as long as there are areas: a plain list, one line for each, which parting would only hide.
        """
        verification, enrolment = Verification(deps), Enrolment(deps)
        # Areas with long jobs or periodic work register them here as they are wired.
        jobs, schedule = Jobs(deps), Schedule(deps)
        staff = Staff(deps)
        imports = Imports(deps, jobs, schedule)
        for kind in (products_kind(), cards_kind(), CustomerImport(deps).kind()):
            imports.register(kind)
        return cls(
            deps,
            Identification(deps),
            verification,
            Registrations(deps, verification, enrolment),
            TillRegistrations(deps, verification, enrolment),
            Till(deps),
            Redemption(deps, verification),
            Refunds(deps),
            Gifts(deps, verification),
            Cards(deps),
            Balances(deps),
            Referrals(deps),
            FriendRewards(deps, schedule),
            Preferences(deps),
            Privacy(deps, verification),
            Programmes(deps, jobs),
            Boards(deps),
            WhatIfs(deps, jobs),
            staff,
            Reports(deps),
            jobs,
            schedule,
            Expiries(deps, schedule),
            Reminders(deps, schedule),
            Upkeep(deps, schedule),
            Standings(deps, jobs, schedule),
            Categories(deps),
            Visits(deps),
            Payments(deps),
            Promotions(deps),
            Coupons(deps),
            Couponing(deps),
            Team(deps, staff),
            HeldAccruals(deps),
            ManualPoints(deps),
            ReceiptNumbers(deps),
            Journal(deps),
            Catalogue(deps),
            imports,
            till_lines=TillLines(deps),
            pay_ways=PayWays(deps),
            card_pool=CardPool(deps, jobs),
            directory=Directory(deps, Identification(deps)),
            merging=Merging(deps),
            branches=Branches(deps),
            exports=Exports(deps, jobs, schedule),
            alerts=Alerts(deps, schedule),
            code_stops=CodeStops(deps, schedule),
            nightly_check=NightlyCheck(deps, schedule),
            reviews=Reviews(deps, schedule),
            sms_budget=SmsBudget(deps),
            sms_statuses=SmsStatuses(deps, SmsBudget(deps)),
            sms_reports=SmsReports(deps, SmsBudget(deps)),
            texts=Texts(deps),
            consents=Consents(deps),
            campaigns=Campaigns(deps, jobs),
            segments=Segments(deps),
            sendings=Sendings(deps, jobs),
        )

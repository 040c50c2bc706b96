"""Every error that a caller of the service meets, named after the way to recover.

    OcopSyncError
    +- ConfigurationError            fix the settings
    |  +- NotWrittenError            name another file, or mend its folder
    +- StorageError                  make room, or bring the database back
    |  +- DatabaseGoneError          stop: what is written would be lost
    +- PlanError                     a person decides
    |  +- UnsafePlanError
    |  +- StalePlanError
    |  +- NoSuchPersonError
    |  +- NoSuchKeyError
    |  +- NoSuchLinkError
    |  +- NoSuchNoticeError
    |  +- NoAdminLeftError           give another one the role first
    |  +- HeldPolicyError            say that its effect is meant
    |  +- HeldMappingError           say that its effect is meant
    |  +- HeldCertificatesError      say that what an act does is meant
    |  +- HeldPlanError              the same of what a plan takes from buyers
    |  +- NoSuchPlanError
    |  +- NoSuchBatchError
    |  +- UntakenWordError           say what can be so of an account worked by people
    |  +- PolicyFaultError           enter values that the policies take
    +- SyncInProgressError           another run holds this account
    +- RunRequestedError             wait for the run that was asked for, or cancel it
    +- StoppedError                  begin nothing new; the next run goes on
    +- TooMuchLongWorkError          nothing was begun: ask again in some seconds
    +- LongWorkDiedError             nobody knows what was done: look first
    +- MarketplaceError              the only branch that an adapter raises;
       |                             what `Secrets` raises it lets pass
       +- TransientError             known not applied: try again later
       |  +- UnavailableError
       |  |  +- UnreachableError     no connection: look at network and address
       |  +- RateLimitedError
       +- CallRefusedError           not applied, and never will be as it is: send
       |                             what it carries in smaller calls
       +- OutcomeUnknownError        sent, but the answer was lost: read back first
       +- FatalError                 no call can succeed: stop this account. Raised as
          |                          it is where the marketplace knows the account and
          |                          does not let it into its shop (403, 404)
          +- AuthenticationError
          |  +- RefusedClockError   set this computer's clock
          +- ProtocolError
          |  +- AnswerTooLongError  ask for less at once
          +- RestingError            it fails again and again: the next run probes

A marketplace's answer about one listing (a refusal, say) is a value, not an error: see
`ocop_sync.marketplace.port`. Errors of the catalog have a root of their own,
`catalog.errors.CatalogError`.

No message holds a secret, a personal datum or more than a short piece of a
marketplace's answer.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ocop_sync.redaction import shown

LONGEST_MESSAGE = 500
"""Characters of an error of a marketplace; its words are some of them."""


class OcopSyncError(Exception):
    """Something that this service reports to the person who called it."""


class ConfigurationError(OcopSyncError):
    """A setting is missing or wrong; the message names the file and the key."""


class NoSuchAccountError(ConfigurationError):
    """No account of that key is set, or none that who asks may reach."""


class NoSuchMarketplaceError(ConfigurationError):
    """No marketplace of that name is installed, or none at which there are accounts."""


class NoSuchRunError(ConfigurationError):
    """No run or sync is called so, or nothing that changes were sent of."""


class NoSuchScheduleError(ConfigurationError):
    """There is no schedule of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"không có lịch {name}; xem: `ocop-sync schedule list` / there is no"
            f" schedule {name}; see that command"
        )


class NotWrittenError(ConfigurationError):
    """A file cannot be written; the message names it and says why."""


class StorageError(OcopSyncError):
    """The disk or the database fails; data reported as stored are kept."""


class DatabaseGoneError(StorageError):
    """The database's file was deleted or replaced: whoever has it open must stop."""


class MovedDatabaseError(ConfigurationError):
    """The database was put back or moved, and nobody has said which of the two."""

    def __init__(self) -> None:
        super().__init__(
            "cơ sở dữ liệu này được đưa trở lại từ bản sao, hoặc chuyển chỗ: chưa ghi"
            " gì lên sàn. Từ bản sao lưu: `ocop-sync db restored --by TÊN`. Chỉ chuyển"
            " chỗ, không thiếu gì, nơi cũ không còn chạy: `ocop-sync db moved --by TÊN`"
            " / this database was put back from a copy, or moved: nothing is written"
            " to marketplaces. From a backup: `ocop-sync db restored --by NAME`. Only"
            " moved, with nothing lacking, and nothing runs on the former one:"
            " `ocop-sync db moved --by NAME`"
        )


class QuestionError(OcopSyncError):
    """A question has no answer, as it names a day or a figure that there is not."""


class PlanError(OcopSyncError):
    """A plan cannot be carried out before a person has decided."""


class NoSuchDecisionError(PlanError):
    """Nothing of that number waits for a decision: no group, drift, twin or double."""


class UnsafePlanError(PlanError):
    """A plan removes more from sale than the budget allows."""


class StalePlanError(PlanError):
    """Too much of a reviewed plan no longer fits.

    Attributes:
        skipped: What no longer fits, as a report names it.
    """

    def __init__(self, message: str, skipped: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.skipped = tuple(skipped)


class NoSuchPersonError(PlanError):
    """There is no such person, or that person is erased."""


class NoSuchNoticeError(PlanError):
    """There is no notice of that number."""


class NoSuchKeyError(PlanError):
    """There is no such key, or it holds no longer."""


class NoSuchLinkError(PlanError):
    """There is no such link, or it waits to be used no longer."""


class NoAdminLeftError(PlanError):
    """Nobody would be left who may add people: give the role to another one first."""


class HeldPolicyError(PlanError):
    """A policy protects less than before, and nobody has said that this is meant.

    Attributes:
        effects: What it will do, each in Vietnamese and English.
        token: Confirms just this change.
    """

    def __init__(self, effects: Sequence[tuple[str, str]], token: str) -> None:
        vi = "; ".join(each for each, _ in effects)
        en = "; ".join(each for _, each in effects)
        super().__init__(
            f"chưa đổi, vì bảo vệ kém hơn trước: {vi}. Nếu đúng ý, làm lại kèm mã"
            f" {token} / not set, as it protects less than before: {en}. If it is"
            f" meant, do it again with the token {token}"
        )
        self.effects = tuple(effects)
        self.token = token


class HeldMappingError(PlanError):
    """A mapping by which products can be listed no more has to be confirmed first.

    Attributes:
        effects: What it takes, each in Vietnamese and English.
        token: Confirms just this mapping, with just these products.
    """

    def __init__(self, effects: Sequence[tuple[str, str]], token: str) -> None:
        vi = "; ".join(each for each, _ in effects)
        en = "; ".join(each for _, each in effects)
        super().__init__(
            f"chưa thay bảng quy đổi: {vi}. Nếu đúng ý, làm lại kèm mã {token} / the"
            f" mapping was not replaced: {en}. If it is meant, do it again with the"
            f" token {token}"
        )
        self.effects = tuple(effects)
        self.token = token


class HeldCertificatesError(PlanError):
    """An act on certificates has to be confirmed first; nothing is entered yet.

    Attributes:
        effects: What it will do, each in Vietnamese and English.
        doubts: What is doubtful of it, in the same form.
        token: Confirms just this act upon just these certificates.
    """

    def __init__(
        self,
        effects: Sequence[tuple[str, str]],
        doubts: Sequence[tuple[str, str]],
        token: str,
    ) -> None:
        told = [*doubts, *effects]
        vi = "; ".join(each for each, _ in told)
        en = "; ".join(each for _, each in told)
        super().__init__(
            f"chưa ghi gì, cần xác nhận: {vi}. Nếu đúng ý, làm lại kèm mã {token}"
            f" / nothing is entered, it has to be confirmed: {en}. If it is meant, do"
            f" it again with the token {token}"
        )
        self.effects = tuple(effects)
        self.doubts = tuple(doubts)
        self.token = token


class NoSuchPlanError(PlanError):
    """There is no plan of that number."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"không có kế hoạch {number}; xem: `ocop-sync plan list` / there is no plan"
            f" {number}; see that command"
        )


class NoSuchBatchError(PlanError):
    """There is no batch of that number at that account, or it was called off."""

    def __init__(self, account: str, number: int) -> None:
        which = f" {number}" if number else ""
        super().__init__(
            f"{account}: không có lô việc{which}; xem: `ocop-sync sheet status`"
            f" / there is no batch{which} of rows; see that command"
        )


class UntakenWordError(PlanError):
    """What somebody says of a whole account cannot be so, or says too little."""


class HeldPlanError(PlanError):
    """A plan takes something from buyers, and nobody has said that this is meant.

    Attributes:
        effects: What it takes, each in Vietnamese and English.
        token: Confirms just this plan.
    """

    def __init__(self, effects: Sequence[tuple[str, str]], token: str) -> None:
        vi = "; ".join(each for each, _ in effects)
        en = "; ".join(each for _, each in effects)
        super().__init__(
            f"chưa duyệt, vì người mua sẽ mất: {vi}. Nếu đúng ý, làm lại kèm mã {token}"
            f" / not approved, as it takes from buyers: {en}. If it is meant, do it"
            f" again with the token {token}"
        )
        self.effects = tuple(effects)
        self.token = token


class PolicyFaultError(PlanError):
    """Policies do not take the values that were entered.

    Attributes:
        faults: The name of each policy, and what is wrong with its value.
    """

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        told = "; ".join(f"{name}: {what}" for name, what in faults)
        super().__init__(f"giá trị không hợp lệ: {told} / not valid: {told}")
        self.faults = tuple(faults)


class SyncInProgressError(OcopSyncError):
    """Another run holds the lease of this account.

    Attributes:
        account: Key of the account.
        holder: Who holds it, as that process named itself.
    """

    def __init__(self, account: str, holder: str) -> None:
        super().__init__(
            f"{account}: đang được đồng bộ bởi {holder} / held by another run: {holder}"
        )
        self.account = account
        self.holder = holder


class RunRequestedError(OcopSyncError):
    """A run was asked for at these accounts, and has not ended.

    Attributes:
        run: Its id.
    """

    def __init__(self, run: str) -> None:
        super().__init__(
            f"lần chạy {run} ở đó chưa xong: chờ, hoặc xem và hủy nó (`ocop-sync runs"
            f" show {run}`) / the run {run} there has not ended: wait, or see and"
            f" cancel it (`ocop-sync runs show {run}`)"
        )
        self.run = run


class ClaimLostError(OcopSyncError):
    """Another process has taken a run over: whoever had it before writes no more."""


class StoppedError(OcopSyncError):
    """The run was told to stop; work not begun is left to the next one."""


class TooMuchLongWorkError(OcopSyncError):
    """As much long work is under way as may be; nothing was begun."""

    def __init__(self) -> None:
        super().__init__(
            "nhiều việc lâu đang chạy, hãy gửi lại sau ít giây / much long work is"
            " under way, ask again in some seconds"
        )


class LongWorkDiedError(OcopSyncError):
    """The process that did the work has died, maybe for want of memory."""

    def __init__(self) -> None:
        super().__init__(
            "tiến trình làm việc này đã chết, có thể vì thiếu bộ nhớ / the process that"
            " did this has died, maybe for want of memory"
        )


class MarketplaceError(OcopSyncError):
    """A whole call to a marketplace failed.

    Its message may quote the marketplace: whoever raises it, it is made fit to be
    shown here, see `ocop_sync.redaction`.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(shown(message, longest=LONGEST_MESSAGE))


class TransientError(MarketplaceError):
    """The call is known not to have been applied; trying again is safe.

    Attributes:
        retry_after: Seconds that the marketplace asked us to wait, if it did.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnavailableError(TransientError):
    """The marketplace cannot be reached, or says that it is down."""


class UnreachableError(UnavailableError):
    """No connection came about: the network, the address or their server is down.

    Nothing is known of the account: its credentials were not even asked.
    """


class RateLimitedError(TransientError):
    """The marketplace refused the call because of its quota."""


class CallRefusedError(MarketplaceError):
    """A write was refused as a whole, and is known not to have been applied.

    The same call would be refused again; smaller ones may pass.

    Attributes:
        code: The marketplace's code of the refusal, such as "http_413".
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class OutcomeUnknownError(MarketplaceError):
    """A write was sent and its answer lost or unreadable.

    It may have been applied. Read back before deciding anything.
    """


class FatalError(MarketplaceError):
    """No further call to this account can succeed as things stand.

    Raised as it is, and not as a subclass, it means that the marketplace accepts the
    credentials, but not the account's resources: the shop in `Account.options`, say,
    does not exist or belongs to another account.
    """


class AuthenticationError(FatalError):
    """The marketplace does not accept the account's credentials."""


class RefusedClockError(AuthenticationError):
    """The marketplace does not accept the time that a call was signed with.

    The credentials may be right: this computer's clock differs from its own.
    """


class RestingError(FatalError):
    """Calls to an account fail again and again: it rests until the next run."""


class ProtocolError(FatalError):
    """The marketplace answers in a way that its documents do not describe."""


class Ends(NamedTuple):
    """The two ends of an answer in JSON that was too long to be read.

    Attributes:
        head: Its first bytes.
        least_depth: The least number of open brackets between the ends.
        opened: Opens as much as is open where *tail* begins: brackets, and a quote.
        tail: Its last bytes.
    """

    head: bytes
    least_depth: int
    opened: bytes
    tail: bytes


class AnswerTooLongError(ProtocolError):
    """A read was answered with more than is read; fewer listings at once may fit.

    Attributes:
        ends: The ends of the answer, which may name the single listing that it holds;
            None if they were not asked for, or its end was not reached.
    """

    def __init__(self, message: str, ends: Ends | None = None) -> None:
        super().__init__(message)
        self.ends = ends

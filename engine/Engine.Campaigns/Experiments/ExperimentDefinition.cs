using System.Text;
using Engine.Campaigns.Holdouts;
using Engine.Scoring.Ids;

namespace Engine.Campaigns.Experiments;

/// <summary>What some users of an experiment are shown.</summary>
/// <param name="Name">Unique in the experiment.</param>
/// <param name="Placement">A saved placement.</param>
/// <param name="SnapshotId">A published snapshot; empty for the active one.</param>
/// <param name="Share">Of the users, more than 0; the shares of all arms add up to 1.</param>
public sealed record ExperimentArm(string Name, string Placement, string SnapshotId, double Share);

/// <summary>An experiment as it was declared: each user always gets the same arm. Immutable.</summary>
/// <param name="Name">The draw of the users depends on it, and on nothing else.</param>
public sealed record ExperimentDefinition(string Name)
{
    /// <summary>The most arms.</summary>
    public const int MaximumArms = 20;

    private const double ShareError = 1e-9;

    private readonly UserDraw _draw = new(Name);

    /// <summary>Grows by one with each save.</summary>
    public long Version { get; init; }

    /// <summary>1..20.</summary>
    public IReadOnlyList<ExperimentArm> Arms { get; init; } = [];

    /// <summary>
    /// The arm of a user: the draw as a number from 0 to 1 falls into one of the shares, which lie one after the other.
    /// A change of shares moves only users at the borders.
    /// </summary>
    public ExperimentArm ArmOf(string userId)
    {
        var (place, end) = (_draw.Of(Encoding.UTF8.GetBytes(userId)) * Math.Pow(2, -64), 0.0);
        foreach (var arm in Arms)
        {
            end += arm.Share;
            if (place < end)
            {
                return arm;
            }
        }

        // The sum of the shares may fall short of 1 by a rounding.
        return Arms[^1];
    }

    /// <summary>Rejects arms that lack something, and shares that are not whole together.</summary>
    /// <exception cref="InputException">The message begins with the field.</exception>
    public void Check()
    {
        Require.Between("arms", Arms.Count, 1, MaximumArms);
        for (var i = 0; i < Arms.Count; i++)
        {
            var arm = Arms[i];
            if (arm.Name.Length == 0 || arm.Placement.Length == 0)
            {
                throw new InputException(
                    FormattableString.Invariant(
                        $"arms[{i}].{(arm.Name.Length == 0 ? "name" : "placement")} is missing"));
            }

            if (Arms.Take(i).Any(other => other.Name == arm.Name))
            {
                throw new InputException(
                    FormattableString.Invariant(
                        $"found arms[{i}].name = '{arm.Name}' twice, expected each name once"));
            }

            if (!(arm.Share > 0 && arm.Share <= 1))
            {
                throw new InputException(FormattableString.Invariant(
                    $"found arms[{i}].share = {arm.Share}, expected more than 0, at most 1"));
            }
        }

        if (Math.Abs(Arms.Sum(arm => arm.Share) - 1) > ShareError)
        {
            throw new InputException(FormattableString.Invariant(
                $"found arms = shares of {Arms.Sum(arm => arm.Share)} together, expected 1"));
        }
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Engine.Tables;
using Engine.Tables.Rows;

namespace Engine.Server.Holdouts;

/// <summary>
/// The users of both groups with their lists, the treated ones first, as the result files say. Memory: 4 bytes a row,
/// and the ids of the users.
/// </summary>
internal sealed class CampaignUsers
{
    private readonly Dictionary<string, int> _products = new(StringComparer.Ordinal);
    private readonly List<string> _users = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<int> _starts = [0];
    private readonly List<int> _items = [];
    private readonly List<float> _scores = [];
    private readonly List<double> _promised = [];
    private readonly Snapshot? _snapshot;
    private readonly bool _hasProbabilities;

    private CampaignUsers(Snapshot? snapshot, bool hasProbabilities) =>
        (_snapshot, _hasProbabilities) = (snapshot, hasProbabilities);

    /// <summary>The ids of the users.</summary>
    public IReadOnlyList<string> Ids => _users;

    /// <summary>How many of them, the first ones, got a message.</summary>
    public int Treated { get; private set; }

    /// <summary>Reads both files.</summary>
    /// <param name="treated">The result of the treated users.</param>
    /// <param name="heldOut">That of the held-out users.</param>
    /// <param name="snapshot">The snapshot of the scores; null when it is gone.</param>
    /// <param name="hasProbabilities">Whether its calibration is about these scores.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="InputException">A file is absent or not a result.</exception>
    public static CampaignUsers Read(
        string treated, string heldOut, Snapshot? snapshot, bool hasProbabilities, CancellationToken cancel)
    {
        var users = new CampaignUsers(snapshot, hasProbabilities && snapshot?.Manifest.Calibration.Scores.Length > 0);
        users.Add(treated, cancel);
        users.Treated = users._users.Count;
        users.Add(heldOut, cancel);
        return users;
    }

    /// <summary>The score of the user's best product.</summary>
    public float Score(int user) => _scores[user];

    /// <summary>The sum of the probabilities of the user's list; NaN without any.</summary>
    public double Promised(int user) => _hasProbabilities ? _promised[user] : double.NaN;

    /// <summary>The place of a product among those of all lists, or -1.</summary>
    public int Find(string product) => _products.GetValueOrDefault(product, -1);

    /// <summary>The products of a user's list, as <see cref="Find"/> numbers them.</summary>
    public ReadOnlySpan<int> ListOf(int user) => CollectionsMarshal.AsSpan(_items)[_starts[user].._starts[user + 1]];

    /// <summary>
    /// Whether the user had bought a product of the own list in the scope year; false when the snapshot is gone.
    /// </summary>
    public bool[] Repeats()
    {
        var repeats = new bool[_users.Count];
        if (_snapshot is null)
        {
            return repeats;
        }

        var ordinals =
            _products.OrderBy(pair => pair.Value).Select(pair => _snapshot.ProductIds.Find(pair.Key)).ToArray();
        for (var user = 0; user < repeats.Length; user++)
        {
            repeats[user] = _snapshot.UserIds.Find(_users[user]) is var ordinal and >= 0
                && HasBought(_snapshot, ordinal, ListOf(user), ordinals);
        }

        return repeats;
    }

    private static bool HasBought(Snapshot snapshot, int user, ReadOnlySpan<int> list, int[] ordinals)
    {
        var history = snapshot.History.Row(user);
        for (var i = 0; i < history.Count; i++)
        {
            if (history.Type(i) == (byte)BehaviorType.Purchase && history.Units(i) > 0)
            {
                foreach (var item in list)
                {
                    if (ordinals[item] == history.Product(i))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private void Add(string path, CancellationToken cancel)
    {
        try
        {
            using var table = TableFile.Open(path, ["user_id", "item_id", "score"]);
            AddRows(table, path, cancel);
        }
        catch (TableException e)
        {
            throw new InputException($"cannot read the result {path}: {e.Message}", e);
        }
    }

    private void AddRows(TableReader table, string path, CancellationToken cancel)
    {
        var first = _users.Count;
        while (table.Read())
        {
            if (table.Fault != RowFault.None
                || !float.TryParse(
                    table.Text(2), NumberStyles.Float, CultureInfo.InvariantCulture, out var score))
            {
                throw new InputException(
                    $"{path}, line {table.Line}: cannot read the row: {table.RowText(80)}. "
                    + "Give a file that `engine batch` wrote");
            }

            // The rows of a user follow each other, best first.
            if (_users.Count == first || !table.Text(0).SequenceEqual(_users[^1]))
            {
                cancel.ThrowIfCancellationRequested();
                var id = table.Text(0).ToString();
                if (!_known.Add(id))
                {
                    throw new InputException(
                        $"{path}, line {table.Line}: the rows of user '{Printable.Of(id)}' do not follow each "
                        + "other, or the user is in both groups; expected each user once, best row first. Give the "
                        + "files as `engine batch` wrote them, not sorted copies");
                }

                _users.Add(id);
                _scores.Add(score);
                _promised.Add(0);
                _starts.Add(_items.Count);
            }

            _items.Add(Number(table.Text(1).ToString()));
            _starts[^1] = _items.Count;
            _promised[^1] += _hasProbabilities ? _snapshot!.Manifest.Calibration.Probability(score)!.Value : 0;
        }
    }

    private int Number(string product)
    {
        if (!_products.TryGetValue(product, out var number))
        {
            _products.Add(product, number = _products.Count);
        }

        return number;
    }
}

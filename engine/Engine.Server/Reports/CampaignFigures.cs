using System.Globalization;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Engine.Tables;
using Engine.Tables.Rows;

namespace Engine.Server.Reports;

/// <summary>One product of a campaign.</summary>
/// <param name="Id">The product.</param>
/// <param name="Name">Its name; empty in results of earlier versions.</param>
internal sealed record CampaignProduct(string Id, string Name)
{
    /// <summary>Users who are offered it.</summary>
    public long Users { get; set; }

    /// <summary>Buyers that the probabilities promise.</summary>
    public double Promised { get; set; }
}

/// <summary>Who gets what and why: the rows of one result file, counted.</summary>
internal sealed class CampaignFigures
{
    private static readonly string[] Needed = ["user_id", "item_id"];

    private readonly Dictionary<string, CampaignProduct> _products = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _reasons = new(StringComparer.Ordinal);
    private readonly Snapshot? _snapshot;
    private string? _user;
    private bool _hasBought;
    private double _none = 1;

    private CampaignFigures(Snapshot? snapshot) => _snapshot = snapshot;

    /// <summary>Users with a row.</summary>
    public long Users { get; private set; }

    /// <summary>Users who had bought one of their products in the scope year.</summary>
    public long Repeaters { get; private set; }

    /// <summary>Rows.</summary>
    public long Rows { get; private set; }

    /// <summary>Whether every row has a calibrated probability.</summary>
    public bool HasProbabilities { get; private set; } = true;

    /// <summary>
    /// Users who buy one of their products at least, as the probabilities promise, if a user's purchases are
    /// independent.
    /// </summary>
    public double Buyers { get; private set; }

    /// <summary>The products, most users first, ties by id.</summary>
    public IEnumerable<CampaignProduct> Products => _products.Values
        .OrderByDescending(product => product.Users).ThenBy(product => product.Id, StringComparer.Ordinal);

    /// <summary>The reasons and their rows, most rows first.</summary>
    public IEnumerable<KeyValuePair<string, long>> Reasons =>
        _reasons.OrderByDescending(reason => reason.Value).ThenBy(reason => reason.Key, StringComparer.Ordinal);

    /// <summary>Counts a result file.</summary>
    /// <param name="path">A file that a batch or a task wrote.</param>
    /// <param name="snapshot">Of its scores; null when it is gone: then rows of no campaign have no reason.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static CampaignFigures Read(string path, Snapshot? snapshot, CancellationToken cancel)
    {
        try
        {
            using var table = TableFile.Open(path);
            var figures = new CampaignFigures(snapshot);
            figures.Read(table, path, cancel);
            return figures;
        }
        catch (TableException e)
        {
            throw new InputException($"cannot read the result {path}: {e.Message}", e);
        }
    }

    private void Read(TableReader table, string path, CancellationToken cancel)
    {
        var columns = table.Columns.ToList();
        var places = Needed.Append("probability").Append("item_name").Append("user_reason")
            .Select(name => columns.IndexOf(name)).ToArray();
        if (places[0] < 0 || places[1] < 0)
        {
            throw new InputException(
                $"found the columns {string.Join(", ", columns)} in {path}; expected user_id and item_id. "
                + "Give a file that `engine batch` wrote");
        }

        while (table.Read())
        {
            if (table.Fault != RowFault.None)
            {
                throw new InputException(
                    $"{path}, line {table.Line}: cannot read the row ({table.Fault}): {table.RowText(80)}");
            }

            cancel.ThrowIfCancellationRequested();
            Add(table, places);
        }

        EndUser();
    }

    private void Add(TableReader table, int[] places)
    {
        var user = table.Text(places[0]);
        if (_user is null || !user.SequenceEqual(_user))
        {
            EndUser();
            _user = user.ToString();
        }

        var id = table.Text(places[1]).ToString();
        if (!_products.TryGetValue(id, out var product))
        {
            var name = places[3] < 0 ? "" : table.Text(places[3]).ToString();
            _products.Add(id, product = new CampaignProduct(id, name));
        }

        Rows++;
        product.Users++;
        if (places[2] >= 0 && double.TryParse(
            table.Text(places[2]), NumberStyles.Float, CultureInfo.InvariantCulture, out var probability))
        {
            product.Promised += probability;
            _none *= 1 - probability;
        }
        else
        {
            HasProbabilities = false;
        }

        var did = Did(id);
        _hasBought |= did == BehaviorType.Purchase;
        var reason = places[4] >= 0 ? Short(table.Text(places[4]).ToString()) : Words(did);
        if (reason is not null)
        {
            _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
        }
    }

    private void EndUser()
    {
        if (_user is not null)
        {
            Users++;
            Repeaters += _hasBought ? 1 : 0;
            Buyers += 1 - _none;
        }

        (_user, _hasBought, _none) = (null, false, 1);
    }

    // "purchase of A x2, last on 2025-06-01" is one reason for all times and days.
    private static string Short(string reason) =>
        reason.LastIndexOf(" x", StringComparison.Ordinal) is > 0 and var end ? reason[..end] : reason;

    private string? Words(BehaviorType? did) => did switch
    {
        BehaviorType.Purchase => "bought it before",
        BehaviorType.Cart => "put it into the cart, never bought it",
        BehaviorType.Favorite => "marked it as a favorite, never bought it",
        BehaviorType.View => "viewed it only",
        _ => _snapshot is null ? null : "new: fits what the user and similar users did",
    };

    // The strongest behavior of the scope year.
    private BehaviorType? Did(string productId)
    {
        if (_snapshot is null || _snapshot.UserIds.Find(_user!) is not (>= 0 and var user))
        {
            return null;
        }

        var history = _snapshot.History.Row(user);
        var product = _snapshot.ProductIds.Find(productId);
        BehaviorType? strongest = null;
        for (var i = 0; i < history.Count; i++)
        {
            if (history.Product(i) == product && (strongest is null || history.Type(i) > (byte)strongest))
            {
                strongest = (BehaviorType)history.Type(i);
            }
        }

        return strongest;
    }
}

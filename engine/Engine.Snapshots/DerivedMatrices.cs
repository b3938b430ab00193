using System.Diagnostics.CodeAnalysis;
using Engine.Snapshots.Format;
using Engine.Snapshots.Mapping;

namespace Engine.Snapshots;

/// <summary>
/// Profiles, and the matrices by product of what is stored by user or by product. Files of version 1 hold all of them.
/// Later ones hold none: profiles follow from the behaviors, transposes from their matrices, and whoever makes a
/// snapshot ready builds them with <see cref="BeginProfiles"/> and <see cref="Transpose"/>. Asking for one before that
/// is a mistake of the program.
/// </summary>
public sealed class DerivedMatrices : IDisposable
{
    private readonly Snapshot _snapshot;
    private readonly List<IDisposable> _memory = [];
    private MappedSparseMatrix _weights;
    private MappedSparseMatrix _history;
    private MappedSparseMatrix _own;
    private MappedSparseMatrix _historyByProduct;
    private MappedSparseMatrix _ownByProduct;
    private MappedSparseMatrix _similarityByProduct;
    private ProfileMatrices? _built;
    private bool _hasTransposes;

    internal DerivedMatrices(Snapshot snapshot, SectionReader sections)
    {
        _snapshot = snapshot;
        var (users, products) = (snapshot.Manifest.UserCount, snapshot.Manifest.ProductCount);
        if (sections.Has(SectionKind.ProfileOffsets))
        {
            _weights = sections.Sparse(SectionKind.ProfileOffsets, users);
            _history = sections.Sparse(SectionKind.ProfileOffsets, users, SectionKind.ProfileHistory);
            _own = sections.Sparse(SectionKind.ProfileOffsets, users, SectionKind.ProfileOwn);
            HasProfiles = true;
        }

        if (sections.Has(SectionKind.ProfileReverseOffsets))
        {
            _historyByProduct = sections.Sparse(SectionKind.ProfileReverseOffsets, products);
            _ownByProduct =
                sections.Sparse(SectionKind.ProfileReverseOffsets, products, SectionKind.ProfileReverseOwn);
            _similarityByProduct = sections.Sparse(SectionKind.SimilarityReverseOffsets, products);
            _hasTransposes = true;
        }
    }

    /// <summary>Whether profiles are there: in the file, or derived from the behaviors.</summary>
    public bool HasProfiles { get; private set; }

    /// <summary>users x products: the weight of a user's behavior with each product, for the user solve.</summary>
    public MappedSparseMatrix Profile => HasProfiles ? _weights : throw NotReady();

    /// <summary>The same pairs: h, how much the user's behavior with the product brings similar products in.</summary>
    public MappedSparseMatrix ProfileHistory => HasProfiles ? _history : throw NotReady();

    /// <summary>
    /// The same pairs: what the user's history with the product adds to the score of that very product.
    /// </summary>
    public MappedSparseMatrix ProfileOwn => HasProfiles ? _own : throw NotReady();

    /// <summary>products x users: the numbers of <see cref="ProfileHistory"/>.</summary>
    public MappedSparseMatrix ProfileReverse => _hasTransposes ? _historyByProduct : throw NotReady();

    /// <summary>products x users: the numbers of <see cref="ProfileOwn"/>.</summary>
    public MappedSparseMatrix ProfileReverseOwn => _hasTransposes ? _ownByProduct : throw NotReady();

    /// <summary>
    /// Row i: what adds to the score of i. The same numbers as <see cref="Snapshot.Similarity"/>, by column.
    /// </summary>
    public MappedSparseMatrix SimilarityReverse => _hasTransposes ? _similarityByProduct : throw NotReady();

    /// <summary>At most so many bytes of memory are taken by what is not there yet.</summary>
    public long MissingBytes
    {
        get
        {
            var products = _snapshot.Manifest.ProductCount;
            var pairs = HasProfiles ? _weights.Count : _snapshot.History.Count;
            return (HasProfiles ? 0 : ProfileMatrices.BytesOf(pairs, _snapshot.Manifest.UserCount))
                + (_hasTransposes ? 0
                    : TransposedMatrix.BytesOf(pairs, products, others: true)
                        + TransposedMatrix.BytesOf(_snapshot.Similarity.Count, products, others: false));
        }
    }

    /// <summary>Room for profiles that are derived; this object owns it.</summary>
    public ProfileMatrices BeginProfiles() =>
        _built = new ProfileMatrices(_snapshot.History, _snapshot.Manifest.UserCount);

    /// <summary>Takes the profiles, after all users were written.</summary>
    public void EndProfiles()
    {
        _built!.Finish();
        (_weights, _history, _own) = (_built.Weights, _built.History, _built.Own);
        HasProfiles = true;
    }

    /// <summary>Builds the transposes that the file does not hold.</summary>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "This object owns them.")]
    public void Transpose(CancellationToken cancellation = default)
    {
        if (_hasTransposes)
        {
            return;
        }

        var products = _snapshot.Manifest.ProductCount;
        var profiles = new TransposedMatrix(ProfileHistory, ProfileOwn, products, cancellation);
        _memory.Add(profiles);
        var similarity = new TransposedMatrix(_snapshot.Similarity, null, products, cancellation);
        _memory.Add(similarity);
        (_historyByProduct, _ownByProduct, _similarityByProduct) =
            (profiles.Matrix, profiles.Others, similarity.Matrix);
        _hasTransposes = true;
    }

    /// <summary>Frees what was built.</summary>
    public void Dispose()
    {
        _built?.Dispose();
        _memory.ForEach(memory => memory.Dispose());
        _memory.Clear();
    }

    /// <summary>What is wrong with the matrices that are there, each by its name.</summary>
    internal IEnumerable<(string What, string? Problem)> FindProblems(int users, int products)
    {
        if (HasProfiles)
        {
            yield return ("profile", _weights.FindProblem(products));
            yield return ("profile history", _history.FindProblem(products));
            yield return ("own-history terms", _own.FindProblem(products));
        }

        if (_hasTransposes)
        {
            yield return ("reverse own-history terms", _ownByProduct.FindProblem(users));
            yield return ("reverse profile", _historyByProduct.FindProblem(users));
            yield return ("reverse similarity", _similarityByProduct.FindProblem(products));
        }
    }

    private static InvalidOperationException NotReady() =>
        new("the snapshot is not ready: make a ScoringModel of it first");
}

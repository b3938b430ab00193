namespace Engine.Snapshots.Format;

/// <summary>What a section holds. The numbers are in files: never reuse one. FORMAT.md describes each.</summary>
internal enum SectionKind : uint
{
    Manifest = 1,
    TrainingReport = 2,

    UserIdRecords = 16,
    UserIdOffsets = 17,
    UserIdSlots = 18,
    ProductIdRecords = 19,
    ProductIdOffsets = 20,
    ProductIdSlots = 21,
    ProductNameBytes = 22,
    ProductNameOffsets = 23,

    UserFactors = 32,
    ProductFactors = 33,
    Spectrum = 34,
    ProductBuyers = 35,
    ProductRepeat = 36,
    ProductQuantiles = 37,
    Reranker = 40,
    NextOrder = 41,
    ProductTiming = 42,

    ProfileOffsets = 48,
    ProfileProducts = 49,
    ProfileWeights = 50,
    ProfileReverseOffsets = 51,
    ProfileReverseUsers = 52,
    ProfileReverseHistory = 53,
    ProfileHistory = 54,
    ProfileOwn = 55,

    HistoryOffsets = 56,
    HistoryProducts = 57,
    HistoryDays = 58,
    HistoryTypes = 59,
    HistoryCounts = 60,
    ProfileReverseOwn = 61,

    SimilarityOffsets = 64,
    SimilarityProducts = 65,
    SimilarityWeights = 66,
    SimilarityReverseOffsets = 67,
    SimilarityReverseProducts = 68,
    SimilarityReverseWeights = 69,

    RelatedOffsets = 72,
    RelatedProducts = 73,
    RelatedStrengths = 74,
    RelatedSupports = 75,
    RelatedPartials = 76,
    RelatedBuyers = 77,

    TagOffsets = 96,
    TagCodes = 97,
    TagNumbers = 98,
    TagWordBytes = 99,
    TagWordOffsets = 100,
    TagTimes = 101,

    OutOfScopeUserIdBytes = 104,
    OutOfScopeUserIdOffsets = 105,
    OutOfScopeProductIdBytes = 106,
    OutOfScopeProductIdOffsets = 107,
    OutOfScopeOffsets = 108,
    OutOfScopeProducts = 109,
    OutOfScopeDays = 110,
    OutOfScopeTypes = 111,
    OutOfScopeCounts = 112,
}

"""Words that cannot be names, and why; the edition, and how much is said of one text."""

EDITION = "1"
MOST = 20  # findings of one text
KEYWORDS = frozenset(
    """
    and as block default else expect false for function if import in input keys let model not or order repeat resdsl
    true
    """.split()
)
# Words that the generated module needs; those of Python and of nn.Module are added below.
GENERATED = frozenset(
    """
    self super torch nn F Tensor OrderedDict print
    """.split()
)
PYTHON = frozenset(
    """
    False None True and as assert async await break class continue def del elif else except finally for from
    global if import in is lambda nonlocal not or pass raise return try while with yield
    """.split()
)
# nn.Module keeps these attributes for itself: a part of that name would break it. A test compares the list with torch.
MODULE_ATTRIBUTES = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu
    load_state_dict modules mtia named_buffers named_children named_modules named_parameters parameters
    register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
    to_empty train training type xpu zero_grad forward_features load_published
    """.split()
)
